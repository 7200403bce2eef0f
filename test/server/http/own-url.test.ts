import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownUrl } from '#server/http/own-url.ts'

const listening = {
  publicUrl: undefined,
  listenUrl: () => 'https://127.0.0.1:8443',
  isOurs: (host: string) => ['localhost', '127.0.0.1', 'db.example.com'].includes(host),
  isInternal: () => false,
}

for (const [host, expected] of [
  ['localhost:8443', 'https://localhost:8443'],
  ['db.example.com', 'https://db.example.com'],
  ['DB.example.com:9000', 'https://db.example.com:9000'],
  ['evil.example.com', 'https://127.0.0.1:8443'],
  ['localhost@evil.example.com', 'https://127.0.0.1:8443'],
  ['localhost:8443/../x?y', 'https://localhost:8443'],
  ['a b', 'https://127.0.0.1:8443'],
  [undefined, 'https://127.0.0.1:8443'],
] as const) {
  test(`ownUrl() answers ${host} with ${expected}`, () => {
    const headers = host === undefined ? {} : { host }
    assert.equal(ownUrl(listening)({ headers }), expected)
  })
}

test('ownUrl() answers the public URL to everybody where there is one, without slash at its end', () => {
  const url = ownUrl({ ...listening, publicUrl: 'https://vault.example.com/' })
  assert.equal(url({ headers: { host: 'localhost' } }), 'https://vault.example.com')
})

test('ownUrl() sends nobody out of the cluster who came under an internal name', () => {
  const isInternal = (host: string) => host === 'vault-0.vault.svc'
  const url = ownUrl({ ...listening, isInternal, publicUrl: 'https://vault.example.com' })
  const host = 'vault-0.vault.svc:8443'
  assert.equal(url({ headers: { host } }), `https://${host}`)
  for (const other of ['vault.example.com', 'localhost', 'evil.example.com'])
    assert.equal(url({ headers: { host: other } }), 'https://vault.example.com')
})
