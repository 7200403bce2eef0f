import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headRefusal } from '#server/http/request-head.ts'

const plain = { isOurHost: (host: string) => ['localhost', 'db.example.com'].includes(host) }
const secured = { isOurHost: undefined }

function refusal(
  rawHeaders: string[],
  rules: Parameters<typeof headRefusal>[1],
  httpVersion = '1.1',
) {
  const headers: Record<string, string> = {}
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers[rawHeaders[index]?.toLowerCase() ?? ''] ??= rawHeaders[index + 1] ?? ''
  return headRefusal({ raw: { rawHeaders, headers, httpVersion } } as never, rules)?.code
}

for (const [host, code] of [
  ['localhost', undefined],
  ['LOCALHOST:8080', undefined],
  ['db.example.com:80', undefined],
  ['127.0.0.1:80', undefined],
  ['10.1.2.3', undefined],
  ['[::1]:8080', undefined],
  ['evil.example.com', 'HostForeign'],
  ['127.0.0.1.evil.example.com', 'HostForeign'],
  ['db.example.com.', 'HostForeign'],
  ['', 'HostInvalid'],
  ['a b', 'HostInvalid'],
  ['a/b', 'HostInvalid'],
  ['user@localhost', 'HostInvalid'],
  ['localhost:99999', 'HostInvalid'],
  ['localhost, localhost', 'HostInvalid'],
] as const) {
  test(`headRefusal() says ${code} of the host "${host}" on plain HTTP`, () =>
    assert.equal(refusal(['Host', host], plain), code))
}

test('headRefusal() leaves the name to TLS where there is TLS', () => {
  assert.equal(refusal(['Host', 'evil.example.com'], secured), undefined)
})

test('headRefusal() wants a host, but for HTTP/1.0', () => {
  assert.equal(refusal([], secured), 'HostInvalid')
  assert.equal(refusal([], secured, '1.0'), undefined)
})

for (const name of [
  'Host',
  'content-length',
  'Content-Type',
  'ORIGIN',
  'If-Match',
  'Sec-Fetch-Site',
]) {
  test(`headRefusal() refuses two headers ${name}`, () =>
    assert.equal(
      refusal(['Host', 'a', name, 'a', name.toLowerCase(), 'a'], secured),
      'HeaderRepeated',
    ))
}

test('headRefusal() lets headers be repeated that mean nothing here', () => {
  assert.equal(refusal(['Host', 'a', 'X-Any', '1', 'X-Any', '2'], secured), undefined)
})

test('headRefusal() knows one expectation', () => {
  assert.equal(refusal(['Host', 'a', 'Expect', '100-Continue'], secured), undefined)
  assert.equal(refusal(['Host', 'a', 'Expect', 'something'], secured), 'ExpectationUnknown')
})
