import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isForeignOrigin, originRules } from '#server/http/origin.ts'

const rules = originRules('https', 'https://tools.example.com; https://Other.example.com;')
const host = 'db.example.com:8443'

for (const [origin, foreign] of [
  [undefined, false],
  ['https://db.example.com:8443', false],
  ['HTTPS://DB.example.com:8443', false],
  ['http://db.example.com:8443', true],
  ['https://db.example.com', true],
  ['https://evil.example.com', true],
  ['null', true],
  ['', true],
  ['https://tools.example.com', false],
  ['https://other.example.com', false],
  ['https://tools.example.com.evil.com', true],
] as const) {
  test(`isForeignOrigin() says ${foreign} of ${origin}`, () => {
    assert.equal(
      isForeignOrigin(origin === undefined ? { host } : { host, origin }, rules, '/databases'),
      foreign,
    )
  })
}

test('isForeignOrigin() takes any origin for foreign where no host was named', () => {
  assert.equal(isForeignOrigin({ origin: 'https://db.example.com' }, rules, '/'), true)
})

for (const [site, mode, address, foreign] of [
  ['cross-site', 'no-cors', '/databases/a/hilo/next?tag=x', true],
  ['cross-site', 'navigate', '/databases/a/hilo/next?tag=x', true],
  ['same-site', 'cors', '/databases', true],
  ['anything else', 'cors', '/databases', true],
  ['cross-site', 'no-cors', '/', true],
  ['cross-site', 'navigate', '/', false],
  ['same-origin', 'cors', '/databases', false],
  ['none', 'navigate', '/databases', false],
] as const) {
  test(`isForeignOrigin() says ${foreign} of a GET of ${address} from ${site} (${mode})`, () => {
    const headers = { host, 'sec-fetch-site': site, 'sec-fetch-mode': mode }
    assert.equal(isForeignOrigin(headers, rules, address), foreign)
  })
}

test('isForeignOrigin() lets a trusted origin in, whatever site it is', () => {
  const headers = { host, origin: 'https://tools.example.com', 'sec-fetch-site': 'cross-site' }
  assert.equal(isForeignOrigin(headers, rules, '/databases'), false)
})
