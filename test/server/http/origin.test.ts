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
      isForeignOrigin(origin === undefined ? { host } : { host, origin }, rules),
      foreign,
    )
  })
}

test('isForeignOrigin() takes any origin for foreign where no host was named', () => {
  assert.equal(isForeignOrigin({ origin: 'https://db.example.com' }, rules), true)
})
