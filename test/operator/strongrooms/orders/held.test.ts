import assert from 'node:assert/strict'
import { test } from 'node:test'
import { annotation } from '#operator/kube/labels.ts'
import { heldCertificate, notesFor, publicCertificate } from '#operator/strongrooms/orders/held.ts'
import { strongroomWorld } from '#test/support/strongroom-world.ts'

const { secrets, open } = await strongroomWorld()
const bare = secrets.get('vault-server-tls')

test('heldCertificate() believes notes only about the certificate that they name', () => {
  assert.equal(heldCertificate(undefined, 'vault'), undefined)
  if (bare === undefined) throw new Error('the world has one')
  assert.equal(heldCertificate(bare, 'vault')?.issuer, undefined)
  const held = {
    certificate: open.certificate,
    issuer: 'StrongroomIssuer le',
    revision: 3,
    renewed: 'x',
    revoked: true,
  }
  const noted = { ...bare, metadata: { ...bare.metadata, annotations: notesFor(held) } }
  assert.deepEqual(
    { ...heldCertificate(noted, 'vault'), certificate: 0 },
    { ...held, certificate: 0 },
  )
  const another = { ...notesFor(held), [annotation.sha256]: 'f'.repeat(64) }
  const replaced = { ...bare, metadata: { ...bare.metadata, annotations: another } }
  assert.equal(heldCertificate(replaced, 'vault')?.issuer, undefined)
  assert.equal(heldCertificate(replaced, 'vault')?.revision, 3)
  const revoked = { ...notesFor(held), [annotation.revoked]: 'f'.repeat(64) }
  const other = { ...bare, metadata: { ...bare.metadata, annotations: revoked } }
  assert.equal(heldCertificate(other, 'vault')?.revoked, false)
})

test('publicCertificate() keeps what status knows of the same certificate', () => {
  const { certificate } = open
  const held = {
    certificate,
    issuer: 'StrongroomIssuer le',
    revision: 1,
    renewed: undefined,
    revoked: false,
  }
  const first = publicCertificate(held, { renewAtMs: 0 })
  assert.equal(first.sha256, certificate.sha256)
  assert.equal(first.renewAt, '1970-01-01T00:00:00.000Z')
  assert.equal(first.revoked, undefined)
  assert.equal(publicCertificate({ ...held, revoked: true }, { renewAtMs: 0 }).revoked, true)
  const renewal = { supported: false, askedAt: '2026-06-01T00:00:00.000Z' } as never
  const before = { ...first, renewal }
  assert.deepEqual(publicCertificate(held, { renewAtMs: 0, before }).renewal, renewal)
  const other = { ...before, sha256: 'f'.repeat(64) }
  assert.equal(publicCertificate(held, { renewAtMs: 0, before: other }).renewal, undefined)
})
