import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { internalNames } from '#operator/api/names.ts'
import { secretBytes, secretText } from '#operator/kube/secret.ts'
import { tlsMaterial } from '#operator/kube/tls-secret.ts'
import { issuedData } from '#operator/strongrooms/issue.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import type { Purpose } from '#operator/strongrooms/stage.ts'
import { type Certificate, isSelfSigned, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import { strongroomWorld, type World } from '#test/support/strongroom-world.ts'

const dayMs = 86_400_000
let world: World
before(async () => {
  world = await strongroomWorld()
})

async function issued(purpose: Purpose, given: Partial<Observed> = {}): Promise<Certificate> {
  const data = await issuedData(purpose, world.seen(given))
  const found = tlsMaterial({ ...secret('x', {}), data }, 'x')
  assert.ok(found.kind === 'usable')
  return found.certificate
}

function authorityOf(name: string): Certificate {
  const found = tlsMaterial(world.secrets.get(name), name)
  assert.ok(found.kind === 'usable')
  return found.certificate
}

test('issuedData() makes two authorities that live for years and are not the same', async () => {
  const [clients, servers] = [await issued('client-authority'), await issued('server-authority')]
  for (const one of [clients, servers]) {
    assert.ok(isSelfSigned(one))
    assert.equal(Math.round((one.notAfter - world.seen().nowMs) / dayMs), 3650)
  }
  assert.notEqual(clients.pin, servers.pin)
  assert.match(clients.commonName, /^shop\/vault client CA$/)
})

test('issuedData() signs the operator’s certificate with the clients’ authority', async () => {
  const operator = await issued('operator')
  assert.ok(verifyIssuedBy(operator, authorityOf('vault-client-ca')))
  assert.ok(!operator.allowsServerAuth)
  assert.equal(Math.round((operator.notAfter - world.seen().nowMs) / dayMs), 90)
})

test('issuedData() covers every internal name with the internal certificate, and the loopback', async () => {
  const internal = await issued('internal')
  assert.ok(verifyIssuedBy(internal, authorityOf('vault-server-ca')))
  assert.deepEqual(internal.dnsNames, internalNames('vault', 'shop'))
  assert.deepEqual(internal.ipAddresses, ['127.0.0.1'])
  assert.ok(internal.allowsServerAuth)
})

test('issuedData() covers the host and the further names with the public certificate, and carries its authority', async () => {
  const spec = {
    exposure: { host: 'vault.example.com' },
    tls: { server: { selfSigned: {} }, dnsNames: ['*.example.com'] },
  }
  const given = { cluster: strongroom({ spec }) }
  const open = await issued('public', given)
  assert.deepEqual(open.dnsNames, ['vault.example.com', '*.example.com'])
  const data = await issuedData('public', world.seen(given))
  const written = { ...secret('x', {}), data }
  assert.equal(secretText(written, 'ca.crt'), world.trust)
  assert.ok(secretBytes(written, 'tls.key'))
})

test('issuedData() keeps common names within what a certificate takes', async () => {
  const name = 'n'.repeat(63)
  const cluster = strongroom({ metadata: { name, namespace: 'm'.repeat(63) } })
  const made = await issued('client-authority', { cluster })
  assert.ok(made.commonName.length <= 64)
  const spec = { exposure: { host: `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com` } }
  const open = await issued('public', { cluster: strongroom({ spec }) })
  assert.ok(open.commonName.length <= 64)
  assert.deepEqual(open.dnsNames, [spec.exposure.host])
})
