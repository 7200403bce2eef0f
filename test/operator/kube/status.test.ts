import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { conditionsFrom, triad } from '#operator/kube/conditions.ts'
import { writeStatus } from '#operator/kube/status.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'

const status = (kind: 'ready' | 'working' | 'stalled', reason: string, message = 'so it is') => ({
  conditions: conditionsFrom(triad({ kind, reason, message }), [], { generation: 1, nowMs: 0 }),
})

/** What is written and said when the status goes from one to the other. */
async function change(
  before: ReturnType<typeof status> | undefined,
  after: ReturnType<typeof status>,
) {
  const kube = new FakeKube()
  const resource = await kube.create(strongrooms, strongroom(before && { status: before }))
  const said: string[] = []
  const report = async (
    _: unknown,
    { reason, note }: { reason: string; note: string },
    type: string,
  ) => {
    said.push(`${type} ${reason}: ${note}`)
  }
  const write = { kind: strongrooms, resource, status: after, fieldManager: 'test' }
  await writeStatus({ kube, report }, write)
  return { writes: kube.writes.slice(1), said }
}

test('writeStatus() writes what differs and nothing else', async () => {
  const ready = status('ready', 'Ready')
  assert.deepEqual((await change(undefined, ready)).writes, ['status Strongroom vault'])
  assert.deepEqual(await change(ready, ready), { writes: [], said: [] })
})

test('writeStatus() warns once when a resource becomes stuck, and when the reason becomes another', async () => {
  const missing = status('stalled', 'KeyMissing', 'Put it back')
  const warning = ['Warning KeyMissing: Put it back']
  assert.deepEqual((await change(status('ready', 'Ready'), missing)).said, warning)
  assert.deepEqual((await change(undefined, missing)).said, warning)
  assert.deepEqual((await change(status('stalled', 'KeyInvalid'), missing)).said, warning)
  const same = await change(status('stalled', 'KeyMissing', 'other words'), missing)
  assert.deepEqual(same, { writes: ['status Strongroom vault'], said: [] })
  assert.deepEqual((await change(missing, status('working', 'Starting'))).said, [])
})
