import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { reasonAgainst } from '#operator/certificates/due.ts'
import type { Observed } from '#operator/certificates/observe.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { certificate, secret } from '#test/support/resources.ts'

const dayMs = 86_400_000
let ca: Issued
let other: Issued
before(async () => {
  ca = await authority('clients')
  other = await authority('clients')
})

const material = (issued: Issued) =>
  tlsMaterial({ ...secret('tls', {}), data: tlsData(issued) }, 'tls')

async function reason(
  issued: Issued,
  { spec = {}, nowMs = year2026 }: { spec?: object; nowMs?: number } = {},
): Promise<string | undefined> {
  const resource = certificate({ spec: { privateKey: { algorithm: 'ECDSA' }, ...spec } })
  const observed = { resource, nowMs, authority: material(ca) } as Observed
  return reasonAgainst(observed, material(issued))
}

test('reasonAgainst() has nothing against a fresh certificate of ours that is as declared', async () => {
  assert.equal(await reason(await client(ca, { validity: days(90) })), undefined)
})

test('reasonAgainst() names what is not as declared, or no longer', async () => {
  const fresh = await client(ca, { validity: days(90) })
  assert.equal(await reason(fresh, { spec: { commonName: 'other' } }), 'SpecMismatch')
  assert.equal(await reason(fresh, { spec: { privateKey: { algorithm: 'RSA' } } }), 'SpecMismatch')
  assert.equal(
    await reason(fresh, { spec: { privateKey: {} } }),
    'SpecMismatch',
    'RSA is the default',
  )
  assert.notEqual(await reason(await client(other, { validity: days(90) })), undefined)
  assert.equal(await reason(fresh, { nowMs: year2026 + 59 * dayMs }), undefined)
  assert.notEqual(
    await reason(fresh, { nowMs: year2026 + 61 * dayMs }),
    undefined,
    'two thirds are over',
  )
  assert.notEqual(await reason(fresh, { nowMs: year2026 + 91 * dayMs }), undefined)
  const rsa = await client(ca, { validity: days(90), keys: await makeKeyPair('rsa-3072') })
  assert.equal(await reason(rsa, { spec: { privateKey: { algorithm: 'RSA' } } }), undefined)
})

test('reasonAgainst() asks for one where there is none', () => {
  const observed = { resource: certificate(), nowMs: year2026, authority: material(ca) } as Observed
  assert.equal(typeof reasonAgainst(observed, tlsMaterial(undefined, 'tls')), 'string')
})
