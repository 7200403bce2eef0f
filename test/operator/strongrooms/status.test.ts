import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { isFalse, isTrue } from '#operator/kube/conditions.ts'
import { type Plan, plan } from '#operator/strongrooms/plan.ts'
import { statusOf } from '#operator/strongrooms/status.ts'
import { strongroom } from '#test/support/resources.ts'
import { strongroomWorld, type World } from '#test/support/strongroom-world.ts'

const nothing: Plan = { steps: [], findings: [], status: {}, halt: undefined, againAtMs: undefined }
let world: World
before(async () => {
  world = await strongroomWorld()
})

const conditions = (planned: Plan, cluster = strongroom()): Record<string, string> =>
  Object.fromEntries(
    (statusOf(world.seen({ cluster }), planned).conditions ?? []).map(
      ({ type, status, reason }) => [type, `${status} ${reason}`],
    ),
  )

test('statusOf() has every condition from the first look on', () => {
  const halt = { kind: 'working', reason: 'MakingMasterKey', message: '' } as const
  assert.deepEqual(conditions({ ...nothing, halt }), {
    Ready: 'False MakingMasterKey',
    Reconciling: 'True MakingMasterKey',
    Stalled: 'False MakingMasterKey',
    KeysReady: 'Unknown NotReached',
    CertificatesReady: 'Unknown NotReached',
    MembersHealthy: 'Unknown NotReached',
    CertificatesServed: 'Unknown NotReached',
    StoreTrusted: 'Unknown NotReached',
  })
})

test('statusOf() is ready when every stage is, stuck at the first that failed, and patient with what comes by itself', () => {
  assert.equal(conditions(plan(world.seen())).Ready, 'True Ready')
  const trouble = isFalse('CertificatesReady', 'CertificateExpired', 'put a valid one there')
  const stuck = conditions({ ...nothing, findings: [isTrue('KeysReady', 'Found', ''), trouble] })
  assert.deepEqual(
    [stuck.Ready, stuck.Stalled],
    ['False CertificateExpired', 'True CertificateExpired'],
  )
  const later = isFalse('CertificatesServed', 'NotServedYet', '')
  const patient = conditions({ ...nothing, findings: [later] })
  assert.deepEqual(
    [patient.Reconciling, patient.Stalled],
    ['True NotServedYet', 'False NotServedYet'],
  )
  const asked = isFalse('CertificatesReady', 'CertificateRequested', '')
  assert.equal(conditions({ ...nothing, findings: [asked] }).Stalled, 'False CertificateRequested')
})

test('statusOf() never forgets ids, counters, fingerprints and the image, whatever the plan came to', () => {
  const status = {
    image: 'strongroom:1',
    storeId: 'store-1',
    storeCommit: 5,
    masterKeys: [{ id: 'k1', fingerprint: 'f' }],
    ready: '1/1',
    members: [{ name: 'vault-0', ready: true }],
  }
  const halt = { kind: 'stalled', reason: 'KeyMissing', message: '' } as const
  const written = statusOf(world.seen({ cluster: strongroom({ status }) }), { ...nothing, halt })
  for (const [key, value] of Object.entries(status))
    assert.deepEqual(written[key as keyof typeof status], value, key)
  assert.deepEqual([written.phase, written.url], ['Stalled', 'https://vault.shop.svc:8443'])
})

test('statusOf() is for the generation that was looked at', () => {
  const cluster = strongroom({ metadata: { generation: 7 } })
  const written = statusOf(world.seen({ cluster }), nothing)
  assert.equal(written.observedGeneration, 7)
  assert.ok(written.conditions?.every(({ observedGeneration }) => observedGeneration === 7))
})
