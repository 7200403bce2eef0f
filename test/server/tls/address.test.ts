import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { demandUnsecuredAllowed, hostOf, listenAddress, urlOf } from '#server/tls/address.ts'

for (const [url, scheme, host, port] of [
  ['https://127.0.0.1:8443', 'https', '127.0.0.1', 8443],
  ['https://localhost:0/', 'https', 'localhost', 0],
  ['https://db.example.com', 'https', 'db.example.com', 443],
  ['http://[::1]:8080', 'http', '::1', 8080],
  ['http://localhost', 'http', 'localhost', 80],
] as const) {
  test(`listenAddress() reads ${url}`, () => {
    assert.deepEqual(listenAddress(url), { scheme, host, port })
  })
}

for (const url of [
  '',
  'localhost:8443',
  'tcp://127.0.0.1:1',
  'https://a/b',
  'https://a?b',
  'https://me@a',
  'https://a:99999',
  'https://a;https://b',
  `https://${'a'.repeat(64)}.example`,
  `https://${'a.'.repeat(126)}example`,
]) {
  test(`listenAddress() refuses "${url}" and shows what is expected`, () => {
    assert.throws(() => listenAddress(url), {
      code: 'ServerUrlInvalid',
      message: /https:\/\/127\.0\.0\.1:8443/,
    })
  })
}

test('urlOf() gives addresses that stand for all of them the name of this machine', () => {
  assert.equal(
    urlOf({ scheme: 'https', host: '0.0.0.0', port: 1 }),
    `https://${hostname().toLowerCase()}:1`,
  )
  assert.equal(urlOf({ scheme: 'https', host: '::1', port: 8443 }), 'https://[::1]:8443')
  assert.equal(urlOf({ scheme: 'https', host: 'a', port: 443 }), 'https://a')
})

test('hostOf() has no brackets', () => assert.equal(hostOf('https://[::1]:1'), '::1'))

for (const [host, reach] of [
  ['127.0.0.1', 'Local'],
  ['127.9.9.9', 'Local'],
  ['::1', 'Local'],
  ['localhost', 'Local'],
  ['10.1.2.3', 'PrivateNetwork'],
  ['172.16.0.1', 'PrivateNetwork'],
  ['192.168.1.1', 'PrivateNetwork'],
  ['fd00::1', 'PrivateNetwork'],
  ['172.32.0.1', 'PublicNetwork'],
  ['8.8.8.8', 'PublicNetwork'],
  ['0.0.0.0', 'PublicNetwork'],
  ['::', 'PublicNetwork'],
  ['::ffff:8.8.8.8', 'PublicNetwork'],
  ['db.example.com', 'PublicNetwork'],
] as const) {
  test(`demandUnsecuredAllowed() takes ${host} for ${reach}`, () => {
    const order = ['None', 'Local', 'PrivateNetwork', 'PublicNetwork'] as const
    for (const allowed of order) {
      const check = () => demandUnsecuredAllowed(host, allowed)
      if (order.indexOf(allowed) >= order.indexOf(reach)) check()
      else assert.throws(check, { code: 'UnsecuredAccessRefused' })
    }
  })
}
