import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointOf, endpointText } from '#shared/acme/dns/endpoint.ts'

test('endpointOf() reads what people write', () => {
  for (const [text, host, port] of [
    ['ns1.example.com', 'ns1.example.com', 53],
    ['ns1.example.com:5353', 'ns1.example.com', 5353],
    ['192.0.2.1', '192.0.2.1', 53],
    ['192.0.2.1:1', '192.0.2.1', 1],
    ['2001:db8::1', '2001:db8::1', 53],
    ['[2001:db8::1]', '2001:db8::1', 53],
    ['[2001:db8::1]:5353', '2001:db8::1', 5353],
  ] as const) {
    assert.deepEqual(endpointOf(text), { host, port }, text)
  }
  assert.deepEqual(endpointOf('a', 853), { host: 'a', port: 853 })
})

test('endpointOf() refuses what is none', () => {
  for (const text of [
    '',
    ':53',
    'a:0',
    'a:65536',
    'a:b',
    'a b',
    'https://a',
    '[::1',
    '[a.b]:53',
    '[1.2.3.4]',
  ]) {
    assert.equal(endpointOf(text), undefined, text)
  }
})

test('endpointText() writes what endpointOf() reads', () => {
  for (const text of ['[2001:db8::1]:53', 'ns1.example.com:53', '192.0.2.1:99']) {
    const endpoint = endpointOf(text)
    assert.ok(endpoint !== undefined)
    assert.equal(endpointText(endpoint), text)
  }
})
