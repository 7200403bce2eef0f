import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Notice, recordEvent } from '#operator/kube/event.ts'
import { events } from '#operator/kube/kinds.ts'
import { KubeError, type KubeObject } from '#operator/kube/kube.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'

interface Event extends KubeObject {
  readonly message: string
  readonly count: number
  readonly firstTimestamp: string
  readonly lastTimestamp: string
}

const notice: Notice = {
  about: strongroom({ metadata: { uid: 'u1' } }),
  type: 'Warning',
  reason: 'KeyMissing',
  action: 'KeyMissing',
  note: 'The key is gone',
}
const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 67)
const by = { controller: 'operator', instance: 'pod_1', nowMs }

async function recorded(...notices: Notice[]): Promise<readonly Event[]> {
  const kube = new FakeKube()
  for (const [index, one] of notices.entries())
    await recordEvent(kube, one, { ...by, nowMs: nowMs + index * 1000 })
  return (await kube.list<Event>(events, {})).items
}

test('recordEvent() writes one event, in the words and times that kubectl describe shows', async () => {
  const [event, ...more] = await recorded(notice)
  assert.deepEqual(more, [])
  const { metadata, ...rest } = event ?? assert.fail()
  assert.match(metadata.name, /^vault\.[0-9a-f]{16}$/)
  assert.equal(metadata.namespace, 'shop')
  assert.deepEqual(rest, {
    apiVersion: 'v1',
    kind: 'Event',
    firstTimestamp: '2026-01-02T03:04:05Z',
    lastTimestamp: '2026-01-02T03:04:05Z',
    count: 1,
    type: 'Warning',
    reason: 'KeyMissing',
    action: 'KeyMissing',
    message: 'The key is gone',
    source: { component: 'strongroom.dev/operator' },
    reportingComponent: 'strongroom.dev/operator',
    reportingInstance: 'pod_1',
    involvedObject: {
      apiVersion: 'strongroom.dev/v1alpha1',
      kind: 'Strongroom',
      name: 'vault',
      namespace: 'shop',
      uid: 'u1',
    },
  })
})

test('recordEvent() counts the same notice, says when it came last, and counts another one apart', async () => {
  const [event, ...more] = await recorded(notice, notice, notice)
  assert.deepEqual(more, [])
  assert.equal(event?.count, 3)
  assert.equal(event?.firstTimestamp, '2026-01-02T03:04:05Z')
  assert.equal(event?.lastTimestamp, '2026-01-02T03:04:07Z')
  for (const change of [
    { note: 'x' },
    { reason: 'x' },
    { type: 'Normal' as const },
    { about: strongroom({ metadata: { uid: 'u2' } }) },
  ])
    assert.equal((await recorded(notice, { ...notice, ...change })).length, 2)
})

test('recordEvent() keeps within what the API server takes: bytes of the message, characters of the name', async () => {
  const about = strongroom({ metadata: { name: `${'a'.repeat(198)}.-${'b'.repeat(50)}` } })
  const [event] = await recorded({ ...notice, about, note: 'ü€'.repeat(400) })
  assert.ok(Buffer.byteLength(event?.message ?? '') <= 1024)
  assert.ok(!event?.message.includes('\uFFFD'), 'no character is cut in two')
  assert.ok((event?.message.length ?? 0) > 400)
  assert.match(event?.metadata.name ?? '', /^a{198}\.[0-9a-f]{16}$/)
})

test('recordEvent() passes on every failure but the one that it expects', async () => {
  const kube = new FakeKube()
  kube.failures.set('create Event', new KubeError(403, 'Forbidden', 'no'))
  await assert.rejects(recordEvent(kube, notice, by), /no/)
})
