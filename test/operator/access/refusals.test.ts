import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActFailed, Attempts } from '#operator/access/attempts.ts'
import { failureOf } from '#operator/access/failure.ts'
import { outcomeOf, stateOf, withRefusals } from '#operator/access/refusals.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { conditionsFrom, isTrue, triad } from '#operator/kube/conditions.ts'
import { KubeError } from '#operator/kube/kube.ts'
import { done, type Outcome } from '#operator/runtime/outcome.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'
import { syncedCache } from '#test/support/synced-cache.ts'

const refused = new KubeError(422, 'Invalid', 'it is invalid')
const ref = { name: 'vault', namespace: 'shop' }
const reconciled = { kind: strongrooms, fieldManager: 'test', key: 'shop/vault' }

async function scene() {
  const kube = new FakeKube()
  const ready = triad({ kind: 'ready', reason: 'Ready', message: 'all is well' })
  const findings = [...ready, isTrue('KeysReady', 'KeysFound', 'they are there')]
  const conditions = conditionsFrom(findings, [], { generation: 1, nowMs: 0 })
  const status = { conditions, storeId: 'store-1', observedGeneration: 1 }
  await kube.create(strongrooms, strongroom({ status }))
  const synced = await syncedCache(kube)
  const clock = synced.time
  const reported: string[] = []
  const report = async (_: unknown, { reason }: { readonly reason: string }) =>
    void reported.push(reason)
  const attempts = new Attempts({ clock, random: () => 0.5 })
  const means = { kube, cache: synced.cache, clock, report, attempts }
  const run = (work: () => Promise<Outcome>): Promise<Outcome> =>
    withRefusals(reconciled, means, work)
  const condition = async (type: string) => {
    const found = await kube.get<Strongroom>(strongrooms, ref)
    const said = found?.status?.conditions?.find((one) => one.type === type)
    return `${said?.status} ${said?.reason} ${said?.observedGeneration}`
  }
  const dispose = async (): Promise<void> => synced[Symbol.asyncDispose]()
  return { kube, run, condition, reported, time: synced.time, [Symbol.asyncDispose]: dispose }
}

const failing = (error: unknown) => async (): Promise<Outcome> => {
  throw error
}

test('withRefusals() leaves nothing Ready whose act was refused, and keeps everything else in status', async () => {
  await using it = await scene()
  const failed = new ActFailed(failureOf(refused), 40_000)
  const outcome = await it.run(failing(failed))
  assert.equal(outcome.kind, 'stalled')
  assert.equal(await it.condition('Ready'), 'False ApplyRefused 1')
  assert.equal(await it.condition('Stalled'), 'True ApplyRefused 1')
  assert.equal(await it.condition('KeysReady'), 'True KeysFound 1')
  const { status } = (await it.kube.get<Strongroom>(strongrooms, ref)) ?? assert.fail()
  assert.deepEqual([status?.storeId, status?.phase], ['store-1', 'Stalled'])
  assert.deepEqual(it.reported, ['ApplyRefused'])
})

test('withRefusals() writes a refusal once, and then costs no request', async () => {
  await using it = await scene()
  const failed = new ActFailed(failureOf(refused), 40_000)
  await it.run(failing(failed))
  await it.time.pass(1)
  const [reads, writes] = [it.kube.reads.length, it.kube.writes.length]
  for (let look = 0; look < 5; look += 1) await it.run(failing(failed))
  assert.deepEqual([it.kube.reads.length, it.kube.writes.length], [reads, writes])
})

test('withRefusals() says of an act that may pass that it is worked on, and tries it again', async () => {
  await using it = await scene()
  const away = new KubeError(503, 'ServiceUnavailable', 'not now')
  const outcome = await it.run(failing(new ActFailed(failureOf(away), 0)))
  assert.equal(outcome.kind, 'retry')
  assert.equal(await it.condition('Ready'), 'False ApiServerFailed 1')
  assert.equal(await it.condition('Reconciling'), 'True ApiServerFailed 1')
})

test('withRefusals() notes a look or a status that was refused; a conflict and what passes change nothing', async () => {
  await using it = await scene()
  for (const error of [new KubeError(409, 'Conflict', 'x'), new KubeError(500, 'X', 'x')])
    await assert.rejects(it.run(failing(error)), error)
  assert.equal(await it.condition('Ready'), 'True Ready 1')
  assert.deepEqual(await it.run(failing(refused)), { kind: 'stalled', reason: 'ApplyRefused' })
  assert.equal(await it.condition('Ready'), 'False ApplyRefused 1')
})

test('withRefusals() notes a fault of the operator itself, and throws it for the log', async () => {
  await using it = await scene()
  await assert.rejects(it.run(failing(new TypeError('a mistake'))), /a mistake/)
  assert.equal(await it.condition('Ready'), 'False ActFailed 1')
  assert.deepEqual(await it.run(async () => done), done)
})

test('outcomeOf() comes back to a refusal when its wait is over, and stateOf() says it as conditions do', () => {
  const failure = failureOf(refused)
  const { reason, message } = failure
  const stalled = { kind: 'stalled', reason }
  assert.deepEqual(outcomeOf(new ActFailed(failure, 5), failure, 2), { ...stalled, afterMs: 3 })
  assert.deepEqual(outcomeOf(refused, failure, 2), stalled)
  assert.deepEqual(stateOf(failure), { ...stalled, message })
})
