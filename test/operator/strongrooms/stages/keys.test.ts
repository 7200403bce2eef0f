import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, test } from 'node:test'
import type { Secret } from '#operator/kube/secret.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { keyFingerprint } from '#operator/strongrooms/stages/master-keys.ts'
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
})
