import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Observed } from '#operator/certificates/observe.ts'
import { decide } from '#operator/certificates/plan.ts'
import { nothingCanBeIssued, signerIsAway } from '#operator/certificates/signing.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { certificate, readyStrongroom, secret } from '#test/support/resources.ts'

const dayMs = 86_400_000
const away = { kind: 'unusable', reason: 'Expired', message: 'It has ended' } as const
const none = tlsMaterial(undefined, 'tls')
let ca: Issued
let leaf: Issued
before(async () => {
  ca = await authority('Private CA')
  leaf = await client(ca, { validity: days(90) })
})

const material = (issued: Issued) =>
  tlsMaterial({ ...secret('tls', {}), data: tlsData(issued) }, 'tls')

function observed(given: Partial<Observed> = {}, issuerRef: object = { name: 'private' }) {
  const spec = { privateKey: { algorithm: 'ECDSA' }, issuerRef } as const
  const resource = certificate({ spec, metadata: { finalizers: [finalizer] } } as never)
  const server = {
    cluster: readyStrongroom(),
    storeId: 'store-1',
    records: [],
    permissions: [],
    certificates: [],
  }
  const certManager = { isPresent: false, certificate: undefined, requests: [] }
  const nothing = { staged: undefined, next: none, current: none, rivals: [], certManager }
  const seen = { nowMs: year2026, resource, trust: 'T', password: '', authority: away }
  return { ...server, ...nothing, ...seen, ...given } as unknown as Observed
}

test('signerIsAway() says which issuer cannot sign, and why, once a certificate is due', () => {
  assert.deepEqual(signerIsAway(observed()), {
    kind: 'wait',
    reason: 'IssuerNotReady',
    message: 'StrongroomIssuer "private" cannot sign: It has ended',
  })
  const current = material(leaf)
  const records = [{ ...leaf.certificate, publicKeyPin: leaf.certificate.pin }] as never
  assert.equal(signerIsAway(observed({ current, records })), undefined, 'it has a third left')
  assert.equal(signerIsAway(observed({ current }))?.kind, 'wait', 'it was taken off the server')
  const late = observed({ current, nowMs: year2026 + 61 * dayMs })
  assert.equal(signerIsAway(late)?.kind, 'wait')
  assert.equal(signerIsAway(observed({ authority: material(ca) })), undefined)
})

test('nothingCanBeIssued() stops only where there is no certificate to go on with', () => {
  assert.equal(nothingCanBeIssued(observed())?.kind, 'wait')
  const late = { current: material(leaf), nowMs: year2026 + 61 * dayMs }
  assert.equal(nothingCanBeIssued(observed(late)), undefined)
})

test('decide() keeps rights and registration of a certificate up to date while its issuer is away', () => {
  const late = { current: material(leaf), nowMs: year2026 + 61 * dayMs }
  const { resource } = observed()
  const status = { thumbprint: leaf.certificate.thumbprint, storeId: 'store-0' }
  assert.equal(decide(observed({ ...late, resource: { ...resource, status } })).kind, 'register')
})

test('decide() issues from the issuer when it is back, and anew when it is another', async () => {
  assert.deepEqual(decide(observed({ authority: material(ca) })), { kind: 'stage', why: 'Missing' })
  const other = await authority('Other CA')
  assert.deepEqual(decide(observed({ current: material(leaf), authority: material(other) })), {
    kind: 'stage',
    why: 'IncorrectIssuer',
  })
})
