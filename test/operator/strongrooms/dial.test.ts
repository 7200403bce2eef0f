import assert from 'node:assert/strict'
import net from 'node:net'
import { before, test } from 'node:test'
import { nameCoveredBy, type Served, servedCertificate } from '#operator/strongrooms/dial.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import {
  json,
  type Pair,
  type TestAuthority,
  testAuthority,
  tlsServer,
} from '#test/support/https-server.ts'

let ca: TestAuthority
let pair: Pair
before(async () => {
  ca = await testAuthority()
  pair = await ca.server()
})

async function dialed(
  name: string,
  { trust = ca.pem, served = pair }: { readonly trust?: string; readonly served?: Pair } = {},
): Promise<Served> {
  await using server = await tlsServer(served, (_, answer) => json(answer, 200, {}))
  const endpoint = { address: '127.0.0.1', port: server.port } as Parameters<
    typeof servedCertificate
  >[0]
  return await servedCertificate(endpoint, { name, trust })
}

const thumbprintOf = (pem: string): string | undefined =>
  readCertificates(Buffer.from(pem))[0]?.thumbprint

test('servedCertificate() gives the leaf that is served under a name or an address', async () => {
  for (const name of ['localhost', '127.0.0.1']) {
    const served = await dialed(name)
    assert.ok('certificate' in served, JSON.stringify(served))
    assert.equal(served.certificate.thumbprint, thumbprintOf(pair.cert))
  }
})

test('servedCertificate() trusts the very certificate that should be served, whoever signed it', async () => {
  assert.ok('certificate' in (await dialed('localhost', { trust: pair.cert })))
  const other = await ca.server()
  const served = await dialed('localhost', { trust: other.cert })
  assert.ok('failure' in served, 'another of the same authority is not it')
})

test('servedCertificate() says why where nothing verified is served', async () => {
  const cases: readonly [Promise<Served>, RegExp][] = [
    [dialed('other.example'), /altnames/],
    [dialed('127.0.0.9'), /altnames|IP: 127.0.0.9/],
    [dialed('localhost', { served: await ca.server(-0.5) }), /expired/],
    [dialed('localhost', { trust: (await testAuthority('Another')).pem }), /local issuer/],
  ]
  for (const [dialing, why] of cases) {
    const served = await dialing
    assert.match('failure' in served ? served.failure : 'it was served', why)
  }
})

test('servedCertificate() gives up on who does not answer, and on who is not there', async () => {
  const silent = net.createServer((socket) => socket.resume())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as net.AddressInfo
  const endpoint = { address: '127.0.0.1', port } as Parameters<typeof servedCertificate>[0]
  const expected = { name: 'localhost', trust: ca.pem }
  const late = await servedCertificate(endpoint, expected, 50)
  assert.deepEqual(late, { failure: 'no handshake within 50 ms' })
  await new Promise((resolve) => silent.close(resolve))
  const gone = await servedCertificate(endpoint, expected)
  assert.match('failure' in gone ? gone.failure : '', /ECONNREFUSED/)
})

test('nameCoveredBy() is a name that a client could ask for', () => {
  const of = (dnsNames: readonly string[], ipAddresses: readonly string[] = []) =>
    nameCoveredBy({ dnsNames, ipAddresses } as unknown as Parameters<typeof nameCoveredBy>[0])
  assert.equal(of(['a.example', 'b.example']), 'a.example')
  assert.equal(of(['*.example']), 'member.example')
  assert.equal(of([], ['192.0.2.1']), '192.0.2.1')
  assert.equal(of([]), undefined)
})
