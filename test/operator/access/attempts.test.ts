import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActFailed, Attempts, basisOf } from '#operator/access/attempts.ts'
import { KubeError } from '#operator/kube/kube.ts'
import { annotation } from '#operator/kube/labels.ts'
import { strongroom } from '#test/support/resources.ts'

const refusal = new KubeError(422, 'Invalid', 'it is invalid')

function scene() {
  const time = { ms: 0 }
  const attempts = new Attempts({ clock: { now: () => time.ms }, random: () => 0.5 })
  let tries = 0
  const attempt = { key: 'shop/vault', act: 'apply', basis: '1' }
  const fail = async (given: Partial<typeof attempt> = {}, error: Error = refusal) => {
    const before = tries
    const run = attempts.run({ ...attempt, ...given }, async () => {
      tries += 1
      throw error
    })
    const failed = await run.then(
      () => assert.fail(),
      (reason: unknown) => reason,
    )
    return { failed, isTried: tries > before }
  }
  return { time, attempts, attempt, fail }
}

test('Attempts.run() does not try again what was refused, until a wait that doubles to ten minutes', async () => {
  const { time, fail } = scene()
  const waits: number[] = []
  for (let round = 0; round < 9; round += 1) {
    const { failed, isTried } = await fail()
    assert.ok(failed instanceof ActFailed && isTried)
    waits.push(failed.untilMs - time.ms)
    time.ms = failed.untilMs - 1
    const held = await fail()
    assert.equal(held.isTried, false)
    assert.ok(held.failed instanceof ActFailed)
    assert.equal(held.failed.message, failed.message)
    time.ms = failed.untilMs
  }
  assert.deepEqual(waits.slice(0, 4), [15_000, 30_000, 60_000, 120_000])
  assert.equal(waits.at(-1), 600_000)
})

test('Attempts.run() tries at once on another basis, another act and another resource', async () => {
  const { fail } = scene()
  assert.equal((await fail()).isTried, true)
  assert.equal((await fail()).isTried, false)
  for (const other of [{ basis: '2' }, { act: 'drop' }, { key: 'shop/other' }])
    assert.equal((await fail(other)).isTried, true)
})

test('Attempts.run() forgets what succeeded, and forget() what is gone', async () => {
  const { attempts, attempt, fail, time } = scene()
  await fail()
  time.ms = 15_000
  assert.equal(await attempts.run(attempt, async () => 'done'), 'done')
  assert.equal((await fail()).isTried, true)
  attempts.forget('shop/vault')
  assert.equal((await fail()).isTried, true)
})

test('Attempts.run() holds nothing back that passes, and throws a conflict as it is', async () => {
  const { fail, attempts, attempt } = scene()
  const away = new KubeError(503, 'ServiceUnavailable', 'not now')
  const { failed } = await fail({}, away)
  assert.ok(failed instanceof ActFailed && !failed.failure.isRefusal)
  const conflict = new KubeError(409, 'Conflict', 'it changed')
  assert.equal((await fail({}, conflict)).failed, conflict)
  assert.doesNotThrow(() => attempts.demandAllowed(attempt))
})

test('basisOf() changes with what people write, and not with status', () => {
  const base = strongroom({ metadata: { uid: 'u' } })
  const same = { ...base, metadata: { ...base.metadata, resourceVersion: '9' } }
  assert.equal(basisOf(base), basisOf(same))
  const noted = { annotations: { [annotation.registered]: 'A'.repeat(40) } }
  assert.equal(basisOf(base), basisOf({ metadata: { ...base.metadata, ...noted } }), 'our own word')
  const changes = [
    { generation: 2 },
    { uid: 'v' },
    { annotations: { a: 'b' } },
    { deletionTimestamp: 'x' },
  ]
  for (const change of changes)
    assert.notEqual(basisOf(base), basisOf({ metadata: { ...base.metadata, ...change } }))
})
