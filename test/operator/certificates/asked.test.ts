import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { clientCertificate } from '#operator/cert-manager/desired.ts'
import type { CertManagerSeen } from '#operator/cert-manager/progress.ts'
import { act } from '#operator/certificates/act.ts'
import { arrivedMaterial, issuerOf } from '#operator/certificates/arrival.ts'
import type { Decision } from '#operator/certificates/decision.types.ts'
import type { Observed } from '#operator/certificates/observe.ts'
import { stagedSecret, targetSecret } from '#operator/certificates/output.ts'
import { decide } from '#operator/certificates/plan.ts'
import { statusOf } from '#operator/certificates/status.ts'
import { certManagerCertificates, secrets } from '#operator/kube/kinds.ts'
import { finalizer } from '#operator/kube/labels.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { answered, ready } from '#test/support/cert-manager.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { certificate, permission, readyStrongroom, secret } from '#test/support/resources.ts'

const name = 'shop-cert-manager-client'
const resource = certificate({
  metadata: { finalizers: [finalizer] },
  spec: { issuerRef: { group: 'cert-manager.io', name: 'ca' }, privateKey: { algorithm: 'ECDSA' } },
})
const issuerRef = { group: 'cert-manager.io', kind: 'Issuer', name: 'ca' }
const wanted = clientCertificate(resource, issuerRef)

let ours: Issued
let first: Issued
let second: Issued
/** The Certificate as it lies on the API server, Ready. */
let asked: typeof wanted
before(async () => {
  ours = await authority('clients')
  const theirs = await authority('theirs')
  first = await client(theirs)
  second = await client(theirs, { validity: days(400) })
  const kube = new FakeKube()
  const observed = await seen({ certManager: there() })
  await act(kube, observed, decide(observed))
  const applied = await kube.get<typeof wanted>(certManagerCertificates, {
    name,
    namespace: 'shop',
  })
  asked = answered(applied ?? assert.fail(), ready())
})

function there(certificateThere?: typeof wanted): CertManagerSeen {
  return { isPresent: true, certificate: certificateThere, requests: [] }
}

const pair = ({ certificate: leaf, privateKey }: Issued) => ({ certificate: leaf, key: privateKey })

type Given = Partial<Observed> & {
  readonly used?: Issued
  readonly arrived?: Issued
  readonly known?: readonly Issued[]
}

async function seen({ used, arrived, known = [], ...rest }: Given = {}): Promise<Observed> {
  const base = {
    nowMs: year2026,
    resource,
    cluster: readyStrongroom(),
    authority: tlsMaterial({ ...secret('ca', {}), data: tlsData(ours) }, 'ca'),
    signingSecret: undefined,
    target: undefined as Secret | undefined,
    current: tlsMaterial(undefined, 'shop-tls'),
    staged: undefined,
    certManager: there(),
    issued: arrived === undefined ? undefined : { ...secret(name, {}), data: tlsData(arrived) },
    trust: 'TRUST\n',
    password: '',
    permissions: [permission()],
    records: known.map(({ certificate: { thumbprint, pin, notAfter } }) => ({
      name: 'shop',
      thumbprint,
      publicKeyPin: pin,
      clearance: 'ValidUser' as const,
      permissions: { orders: 'ReadWrite' as const },
      notAfter,
    })),
    certificates: [],
    storeId: 'store-1',
    storeCommit: 5,
    unreachable: undefined,
    admin: undefined,
    rivals: [],
    isNamespaceEnding: false,
    secretRefused: undefined,
    secretReservedBy: undefined,
    ...rest,
  }
  const next = tlsMaterial(undefined, 'none')
  if (used !== undefined) base.target = await targetSecret({ ...base, next }, pair(used))
  const current = tlsMaterial(base.target, 'shop-tls')
  const looked = { ...base, current }
  return { ...looked, next: issuerOf(looked) === undefined ? next : arrivedMaterial(looked) }
}

const kindOf = (decision: Decision): string =>
  'reason' in decision ? `${decision.kind} ${decision.reason}` : decision.kind

describe('decide() for a client certificate of cert-manager', () => {
  test('asks, waits, registers, publishes, and is ready: each step only after the one before', async () => {
    const request = decide(await seen())
    assert.deepEqual(request.kind === 'request' && request.desired[0]?.object, wanted)
    const unready = there({ ...asked, status: {} })
    assert.equal(kindOf(decide(await seen({ certManager: unready }))), 'asked CertificateRequested')
    const certManager = there(asked)
    const steps: [Given, string][] = [
      [{ arrived: first }, 'register'],
      [{ arrived: first, known: [first] }, 'publish'],
      [{ arrived: first, known: [first], used: first }, 'ready'],
    ]
    for (const [given, kind] of steps)
      assert.equal(decide(await seen({ certManager, ...given })).kind, kind)
  })

  test('asks nothing of a cert-manager that is not there, and signs nothing in its place', async () => {
    const certManager = { isPresent: false, certificate: undefined, requests: [] }
    assert.equal(kindOf(decide(await seen({ certManager }))), 'stalled CertManagerMissing')
    const certManagerUnknown = { ...certManager, isPresent: undefined }
    const decision = decide(await seen({ certManager: certManagerUnknown }))
    assert.equal(kindOf(decision), 'asked CertManagerNotSeen')
  })

  test('takes a renewed one over under the same rights, and remembers the old one', async () => {
    const certManager = there(asked)
    const given = { certManager, arrived: second, used: first }
    const observed = await seen({ ...given, known: [first] })
    const register = decide(observed)
    assert.deepEqual(register.kind === 'register' && register.rights.permissions, {
      orders: 'ReadWrite',
    })
    assert.deepEqual(
      statusOf(observed, register).superseded?.map(({ thumbprint }) => thumbprint),
      [first.certificate.thumbprint],
    )
    assert.equal(decide(await seen({ ...given, known: [first, second] })).kind, 'publish')
  })

  test('uses the present one on while cert-manager cannot give another, keeps its rights, and says so', async () => {
    const certManager = { isPresent: false, certificate: undefined, requests: [] }
    const used = { certManager, used: first }
    assert.equal(
      kindOf(decide(await seen({ ...used, known: [first] }))),
      'stalled CertManagerMissing',
    )
    const status = { thumbprint: first.certificate.thumbprint, storeId: 'store-0' }
    const onAnother = { ...(await seen({ ...used, known: [] })), resource: { ...resource, status } }
    assert.equal(decide(onAnother).kind, 'register')
    const ready = statusOf(await seen(used), decide(await seen({ ...used, known: [first] })))
    assert.equal(ready.thumbprint, first.certificate.thumbprint)
  })

  test('leaves the time of renewal to cert-manager', async () => {
    const decision = decide(
      await seen({ certManager: there(asked), arrived: first, used: first, known: [first] }),
    )
    assert.equal(decision.kind === 'ready' && decision.againAtMs, first.certificate.notAfter)
  })

  test('asks again where somebody changed the Certificate, or the resource declares another issuer', async () => {
    const others = { ...asked, spec: { ...asked.spec, issuerRef: { ...issuerRef, name: 'other' } } }
    const given = { arrived: first, used: first, known: [first] }
    assert.equal(decide(await seen({ ...given, certManager: there(others) })).kind, 'request')
  })

  test('discards what was staged before cert-manager was named', async () => {
    const staged = stagedSecret(resource, pair(first))
    assert.equal(decide(await seen({ certManager: there(asked), staged })).kind, 'discard')
  })

  test('lets the oldest of eight earlier ones leave the server before another is used', async () => {
    const superseded = Array.from({ length: 8 }, (_, index) => ({
      thumbprint: index === 0 ? second.certificate.thumbprint : `T${index}`,
      notAfter: '2027-01-01T00:00:00Z',
    }))
    const full = { ...resource, status: { superseded } }
    const third = await client(ours)
    const given = { resource: full, certManager: there(asked), arrived: third, used: first }
    const decision = decide(await seen({ ...given, known: [first, second] }))
    assert.equal(decision.kind === 'retire' && decision.thumbprint, second.certificate.thumbprint)
  })

  test('takes back what was asked once another signs, the Certificate before its Secret, and then issues', async () => {
    const plain = certificate({
      metadata: { finalizers: [finalizer] },
      spec: { privateKey: { algorithm: 'ECDSA' } },
    })
    const given = { resource: plain, used: first, known: [first] }
    const decision = decide(await seen({ ...given, certManager: there(asked), arrived: first }))
    assert.deepEqual(decision.kind === 'withdraw' && decision.found.map(({ kind }) => kind.kind), [
      'Certificate',
      'Secret',
    ])
    assert.equal(decide(await seen(given)).kind, 'stage')
  })

  test('takes it back before the resource itself is let go', async () => {
    const deletionTimestamp = '2026-01-01T00:00:00Z'
    const going = { ...resource, metadata: { ...resource.metadata, deletionTimestamp } }
    const certManager = there(asked)
    const kinds = [
      await seen({ resource: going, certManager, arrived: first, used: first, known: [first] }),
      await seen({ resource: going, certManager, arrived: first, used: first }),
      await seen({ resource: going, arrived: first, used: first }),
      await seen({ resource: going, used: first }),
    ].map((observed) => decide(observed).kind)
    assert.deepEqual(kinds, ['unregister', 'withdraw', 'withdraw', 'release'])
  })
})

test('act() asks once, and takes back Certificate and Secret', async () => {
  const kube = new FakeKube()
  const observed = await seen()
  const deed = await act(kube, observed, decide(observed))
  assert.equal(deed?.reason, 'CertificateRequested')
  const filled = await kube.create(secrets, secret(name, {}, wanted.spec.secretTemplate))
  const { uid: _, ...metadata } = wanted.metadata
  const found = [
    { kind: certManagerCertificates, object: { ...wanted, metadata } },
    { kind: secrets, object: filled },
  ]
  assert.equal(await act(kube, observed, { kind: 'withdraw', found }), undefined)
  assert.deepEqual(kube.writes, [
    `apply Certificate ${name}`,
    `create Secret ${name}`,
    `delete Certificate ${name}`,
    `patch Secret ${name}`,
    `delete Secret ${name}`,
  ])
})
