import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, test } from 'node:test'
import type { Secret } from '#operator/kube/secret.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { keysStage } from '#operator/strongrooms/stages/keys.ts'
import { keyFingerprint } from '#operator/strongrooms/stages/master-keys.ts'
import { keyId } from '#shared/key-id.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import {
  kindsOf,
  knownKeys,
  masterKeyBytes,
  strongroomWorld,
  volume,
  type World,
} from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

describe('plan() for a Strongroom: keys', () => {
  const fresh = (given: Partial<Observed>): Observed =>
    world.seen({ cluster: strongroom(), masterKey: undefined, volumes: [], ...given })

  test('makes the master key where nothing could have been sealed before', () => {
    const planned = plan(fresh({}))
    assert.deepEqual(kindsOf(planned), ['make-master-key'])
    assert.equal(planned.halt?.reason, 'MakingMasterKey')
  })

  test('never makes another: a known fingerprint or a volume is enough to stop', () => {
    const cases = [
      fresh({ volumes: [volume] }),
      fresh({ cluster: strongroom({ status: { masterKeys: knownKeys } }) }),
    ]
    for (const observed of cases) {
      const planned = plan(observed)
      assert.deepEqual(planned.steps, [])
      assert.deepEqual([planned.halt?.kind, planned.halt?.reason], ['stalled', 'KeyMissing'])
      assert.match(planned.halt?.message ?? '', /Restore it from your backup/)
    }
  })

  test("waits for the user's own Secret and makes none in its place", () => {
    const cluster = strongroom({
      spec: { encryption: { masterKey: { secretRef: { name: 'mine' } } } },
    })
    const planned = plan(fresh({ cluster }))
    assert.deepEqual([planned.steps.length, planned.halt?.reason], [0, 'KeyMissing'])
    assert.match(
      planned.halt?.message ?? '',
      /Secret "mine" does not exist: create it with 32 random bytes under "master.key"/,
    )
  })

  test('stops when a key is another, is gone from the Secret, or has a wrong length', () => {
    const cases: [Secret, string][] = [
      [secret('vault-master-key', { k1: randomBytes(32), 'active-id': 'k1' }), 'KeyMismatch'],
      [secret('vault-master-key', { k2: randomBytes(32), 'active-id': 'k2' }), 'KeyMissing'],
      [secret('vault-master-key', { k1: randomBytes(31), 'active-id': 'k1' }), 'KeyInvalid'],
      [secret('vault-master-key', { k1: masterKeyBytes, 'active-id': 'k9' }), 'KeyInvalid'],
      [secret('vault-master-key', {}), 'KeyInvalid'],
    ]
    for (const [found, reason] of cases) {
      const planned = plan(world.seen({ masterKey: found }))
      assert.deepEqual(
        [planned.halt?.kind, planned.halt?.reason, planned.steps.length],
        ['stalled', reason, 0],
      )
    }
  })

  test('takes a single key under master.key, and publishes no more than a fingerprint', () => {
    const planned = plan(
      world.seen({
        cluster: strongroom(),
        masterKey: secret('mine', { 'master.key': masterKeyBytes }),
      }),
    )
    assert.deepEqual(planned.status.masterKeys, [
      { id: 'master.key', fingerprint: keyFingerprint(masterKeyBytes) },
    ])
    assert.ok(!JSON.stringify(planned).includes(masterKeyBytes.toString('base64')))
    assert.ok(!JSON.stringify(planned).includes(masterKeyBytes.toString('hex')))
  })

  // ── rotation ──

  const [old, next] = [randomBytes(32), randomBytes(32)]
  const known = (needed?: { old: boolean; next: boolean }) => [
    { id: 'master.key', fingerprint: keyFingerprint(old), ...(needed && { needed: needed.old }) },
    { id: 'k2', fingerprint: keyFingerprint(next), ...(needed && { needed: needed.next }) },
  ]
  const both = secret('vault-master-key', { 'master.key': old, k2: next, 'active-id': 'k2' })
  const onlyNew = secret('vault-master-key', { k2: next, 'active-id': 'k2' })

  /** A cluster whose member, where it can be asked, wraps its store by that key. */
  function rotating(masterKey: Secret, wrappedBy: Buffer | undefined, masterKeys = known()) {
    const observed = world.seen({ cluster: strongroom({ status: { masterKeys } }), masterKey })
    const members = observed.members.map((member) => ({
      ...member,
      state:
        wrappedBy === undefined || member.state === undefined
          ? undefined
          : { ...member.state, NeededMasterKeyId: keyId(wrappedBy) },
    }))
    return keysStage({ ...observed, members } as Observed)
  }

  test('keeps the old key of a rotation until the member has wrapped its store by the new one, and says when it may go', () => {
    const before = rotating(both, old)
    assert.match(before.findings[0]?.message ?? '', /keep "master.key" until/)
    assert.deepEqual(
      before.status?.masterKeys?.map(({ needed }) => needed),
      [true, false],
    )
    const after = rotating(both, next)
    assert.match(after.findings[0]?.message ?? '', /"master.key" may be removed/)
    assert.deepEqual(
      after.status?.masterKeys?.map(({ needed }) => needed),
      [false, true],
    )
  })

  test('is content once the old key was removed after that, and forgets it', () => {
    for (const found of [
      rotating(onlyNew, next),
      rotating(onlyNew, undefined, known({ old: false, next: true })),
    ]) {
      assert.equal(found.halt, undefined)
      assert.deepEqual(
        found.status?.masterKeys?.map(({ id }) => id),
        ['k2'],
      )
    }
  })

  test('stops where the old key was removed too early, or nobody can say that it was not', () => {
    for (const found of [
      rotating(onlyNew, old),
      rotating(onlyNew, undefined),
      rotating(onlyNew, undefined, known({ old: true, next: false })),
    ]) {
      assert.equal(found.halt?.reason, 'KeyMissing')
      assert.match(found.halt?.message ?? '', /Key "master.key".*no longer held.*put it back/)
    }
  })
})
