import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { awaitsMembers } from '#operator/strongrooms/orders/awaits-members.ts'
import { declared, openOrder } from '#test/support/order-world.ts'
import { caIssuer, issuer, strongroom } from '#test/support/resources.ts'

const cluster = (given: Parameters<typeof strongroom>[0] = {}) =>
  strongroom({ ...given, spec: { ...declared, ...given.spec } })

function awaits(resource: StrongroomIssuer | undefined, of: Strongroom = cluster()): boolean {
  const get = ((_: unknown, ref: unknown) => {
    assert.deepEqual(ref, { name: 'le', namespace: 'shop' })
    return resource
  }) as Parameters<typeof awaitsMembers>[1]['get']
  return awaitsMembers(of, { get })
}

test('awaitsMembers() is true where members are to prove one of the names', () => {
  assert.equal(awaits(issuer({ acme: { solvers: [{ tlsAlpn01: {} }] } })), true)
  const some = [
    { http01: {} },
    { tlsAlpn01: {}, selector: { dnsNames: ['b.example'] } },
  ] satisfies NonNullable<StrongroomIssuer['spec']['acme']>['solvers']
  const dnsNames = ['a.example', 'b.example']
  const tls = { server: { issuerRef: { name: 'le' } }, dnsNames }
  assert.equal(awaits(issuer({ acme: { solvers: some } }), cluster({ spec: { tls } })), true)
  assert.equal(awaits(issuer({ acme: { solvers: some } })), false, 'no such name is declared')
})

test('awaitsMembers() is false for every other proof, for a CA that signs at once, and where the issuer is missing', () => {
  const dns01 = { cloudflare: { apiTokenSecretRef: { name: 'cloudflare', key: 'token' } } }
  for (const solvers of [[{ http01: {} }], [{ dns01 }], []])
    assert.equal(awaits(issuer({ acme: { solvers } })), false)
  assert.equal(awaits(caIssuer({ name: 'le' })), false)
  assert.equal(awaits(undefined), false)
})

test('awaitsMembers() is false as soon as something was ordered', () => {
  const order = openOrder('http-01', 't')
  assert.equal(awaits(issuer(), cluster({ status: { order } })), false)
  const [notAfter, renewAt] = ['2026-08-30T00:00:00.000Z', '2026-07-31T00:00:00.000Z']
  const publicCertificate = { issuer: 'x', sha256: 'ab', notAfter, renewAt, revision: 1 }
  assert.equal(awaits(issuer(), cluster({ status: { publicCertificate } })), false)
})
