import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { CertificateState } from '#operator/admin/admin.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { act } from '#operator/certificates/act.ts'
import type { Decision } from '#operator/certificates/decision.types.ts'
import type { Observed } from '#operator/certificates/observe.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import { verifyIssuedBy } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client, year2026 } from '#test/support/certificates.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { certificate, secret } from '#test/support/resources.ts'

const rights = { clearance: 'ValidUser', permissions: {} } as const
let ca: Issued
before(async () => {
  ca = await authority('clients')
})

const material = (issued: Issued) =>
  tlsMaterial({ ...secret('tls', {}), data: tlsData(issued) }, 'tls')

async function scene(given: Partial<Observed> = {}, spec: object = {}) {
  const [kube, admin] = [new FakeKube(), new FakeAdmin()]
  const resource = await kube.create<KubeObject>(
    strongroomCertificates,
    certificate({ spec: { privateKey: { algorithm: 'ECDSA' }, duration: '24h', ...spec } }),
  )
  const base = {
    resource,
    admin,
    nowMs: year2026,
    authority: material(ca),
    trust: 'T',
    password: '',
  }
  const observed = { ...base, ...given } as unknown as Observed
  const run = (decision: Decision, more: Partial<Observed> = {}) =>
    act(kube, { ...observed, ...more }, decision)
  const secretNamed = (name: string) => kube.get<Secret>(secrets, { name, namespace: 'shop' })
  return { kube, admin, run, secretNamed }
}

test('act() stages a certificate of the declared name, key and life, signed by the cluster’s authority', async () => {
  const { run, secretNamed } = await scene()
  const deed = await run({ kind: 'stage', why: 'Missing' })
  const found = tlsMaterial(await secretNamed('shop-next-key'), 'x')
  assert.ok(found.kind === 'usable')
  const { commonName, notAfter, notBefore, publicKey } = found.certificate
  assert.deepEqual(
    [commonName, notAfter, publicKey.asymmetricKeyType],
    ['shop', year2026 + 86_400_000, 'ec'],
  )
  assert.ok(notBefore < year2026, 'clocks may be behind')
  assert.ok(verifyIssuedBy(found.certificate, ca.certificate))
  assert.match(deed?.note ?? '', new RegExp(`${found.certificate.thumbprint} \\(Missing\\)$`))
})

test('act() stages no certificate that outlives what signed it', async () => {
  const { notAfter } = ca.certificate
  const { run, secretNamed } = await scene({ nowMs: notAfter - 3_600_000 })
  await run({ kind: 'stage', why: 'Missing' })
  const found = tlsMaterial(await secretNamed('shop-next-key'), 'x')
  assert.equal(found.kind === 'usable' && found.certificate.notAfter, notAfter)
})

test('act() stages RSA where nothing else is declared', async () => {
  const { run, secretNamed } = await scene({}, { privateKey: undefined })
  await run({ kind: 'stage', why: 'Missing' })
  const found = tlsMaterial(await secretNamed('shop-next-key'), 'x')
  assert.ok(found.kind === 'usable')
  assert.equal(found.key.asymmetricKeyType, 'rsa')
  assert.equal(found.key.asymmetricKeyDetails?.modulusLength, 3072)
})

test('act() never overwrites what is staged, and signs nothing without an authority', async () => {
  const { kube, run, secretNamed } = await scene()
  await run({ kind: 'stage', why: 'Missing' })
  const before = await secretNamed('shop-next-key')
  assert.equal(await run({ kind: 'stage', why: 'Missing' }), undefined)
  assert.deepEqual(await secretNamed('shop-next-key'), before)
  await run({ kind: 'discard' }, { staged: before })
  assert.equal(await secretNamed('shop-next-key'), undefined)
  const headless = await scene({ authority: tlsMaterial(undefined, 'ca') })
  assert.equal(await headless.run({ kind: 'stage', why: 'Missing' }), undefined)
  assert.equal(kube.writes.filter((write) => write.startsWith('delete')).length, 1)
})

test('act() publishes the staged or the present certificate', async () => {
  const [current, next] = [material(await client(ca)), material(await client(ca))]
  for (const from of ['staged', 'current'] as const) {
    const { run, secretNamed } = await scene({ current, next })
    assert.equal((await run({ kind: 'publish', from }))?.reason, 'SecretWritten')
    const written = tlsMaterial(await secretNamed('shop-tls'), 'x')
    const wanted = from === 'staged' ? next : current
    assert.ok(written.kind === 'usable' && wanted.kind === 'usable')
    assert.equal(written.certificate.thumbprint, wanted.certificate.thumbprint)
    assert.equal(secretText(await secretNamed('shop-tls'), 'ca.crt'), 'T')
  }
})

test('act() tells the server, and no deed is without its words', async () => {
  const { admin, run } = await scene()
  const { certificate: one } = await client(ca)
  const { thumbprint } = one
  const decisions: readonly [Decision, string, string][] = [
    [{ kind: 'register', certificate: one, rights }, 'CertificateRegistered', 'put shop'],
    [
      { kind: 'edit', thumbprint, record: { thumbprint } as CertificateState, rights, fields: [] },
      'RightsApplied',
      'edit shop',
    ],
    [{ kind: 'retire', thumbprint, why: 'it has expired' }, 'CertificateRetired', 'revoke shop'],
    [{ kind: 'unregister', thumbprints: ['A', 'B'] }, 'CertificateRevoked', 'revoke A,revoke B'],
  ]
  for (const [decision, reason, calls] of decisions) {
    admin.calls.length = 0
    const deed = await run(decision)
    assert.deepEqual([deed?.reason, admin.calls.join()], [reason, calls])
    assert.ok((deed?.note.length ?? 0) > 20)
  }
})

test('act() sets the finalizer, and does nothing where nothing is to be done', async () => {
  const { kube, run } = await scene()
  await run({ kind: 'hold' })
  const held = await kube.get(strongroomCertificates, { name: 'shop', namespace: 'shop' })
  assert.deepEqual(held?.metadata.finalizers, [finalizer])
  const before = kube.writes.length
  for (const decision of [
    { kind: 'wait', reason: 'x', message: '' },
    { kind: 'stalled', reason: 'x', message: '' },
    { kind: 'ready', againAtMs: 0 },
  ] satisfies Decision[])
    assert.equal(await run(decision), undefined)
  assert.equal(kube.writes.length, before)
})
