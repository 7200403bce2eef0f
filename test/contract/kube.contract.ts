/** What every implementation of the Kube port promises: run on the fake and on a real API server. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { configMaps } from '#operator/kube/kinds.ts'
import { isConflict, type Kind, type Kube, KubeError } from '#operator/kube/kube.ts'
import type { ConfigMap } from '#operator/kube/secret.ts'
import { Gone, type WatchEvent } from '#operator/runtime/reflector.ts'

export interface KubeFixture extends AsyncDisposable {
  readonly kube: Kube
  /** A namespace that exists and is the suite's own. */
  readonly namespace: string
  /** A kind whose definition is not installed. */
  readonly undefinedKind: Kind
  /** Makes the server forget its history and answers a version from before; nothing where that cannot be done. */
  readonly forgottenVersion: (() => Promise<string>) | undefined
}

export function kubeContract(name: string, create: () => Promise<KubeFixture>): void {
  describe(`Kube on ${name}`, () => {
    let fixture: KubeFixture
    before(async () => {
      fixture = await create()
    })
    after(() => fixture[Symbol.asyncDispose]())

    const map = (
      data: Record<string, string>,
      own = `m-${randomUUID().slice(0, 8)}`,
    ): ConfigMap => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: own, namespace: fixture.namespace, labels: { suite: 'contract' } },
      data,
    })

    test('get() gives nothing for what is missing', async () => {
      assert.equal(
        await fixture.kube.get(configMaps, { name: 'missing', namespace: fixture.namespace }),
        undefined,
      )
    })

    test('create() stores, and refuses to overwrite', async () => {
      const made = await fixture.kube.create(configMaps, map({ a: '1' }))
      assert.ok(made.metadata.uid)
      await assert.rejects(
        fixture.kube.create(configMaps, map({ a: '2' }, made.metadata.name)),
        isConflict,
      )
      const found = await fixture.kube.get<ConfigMap>(configMaps, made.metadata)
      assert.deepEqual(found?.data, { a: '1' })
    })

    test('list() and watch() of a kind that is not defined are 404, and it has no object', async () => {
      const { kube, namespace, undefinedKind } = fixture
      const isMissing = (error: unknown) => error instanceof KubeError && error.status === 404
      await assert.rejects(kube.list(undefinedKind, { namespace }), isMissing)
      const { signal } = new AbortController()
      const watching = kube.watch(undefinedKind, { namespace, resourceVersion: '1' }, signal)
      await assert.rejects(watching[Symbol.asyncIterator]().next(), isMissing)
      assert.equal(await kube.get(undefinedKind, { name: 'x', namespace }), undefined)
    })

    test('apply() creates, then changes what it names', async () => {
      const object = map({ a: '1', b: '1' })
      await fixture.kube.apply(configMaps, object, 'contract')
      await fixture.kube.apply(configMaps, { ...object, data: { a: '2', b: '1' } }, 'contract')
      assert.deepEqual((await fixture.kube.get<ConfigMap>(configMaps, object.metadata))?.data, {
        a: '2',
        b: '1',
      })
    })

    test('apply() keeps the labels that another put on', async () => {
      const object = map({ a: '1' })
      await fixture.kube.apply(configMaps, object, 'contract')
      await fixture.kube.patch(configMaps, object.metadata, {
        metadata: { labels: { theirs: 'yes' } },
      })
      await fixture.kube.apply(configMaps, { ...object, data: { a: '2' } }, 'contract')
      assert.equal(
        (await fixture.kube.get(configMaps, object.metadata))?.metadata.labels?.theirs,
        'yes',
      )
    })

    test('patch() with an old version is a conflict', async () => {
      const made = await fixture.kube.create(configMaps, map({ a: '1' }))
      await fixture.kube.patch(configMaps, made.metadata, { data: { a: '2' } })
      await assert.rejects(
        fixture.kube.patch(configMaps, made.metadata, {
          metadata: { resourceVersion: made.metadata.resourceVersion },
          data: { a: '3' },
        }),
        isConflict,
      )
    })

    test('patch() of what is missing says so', async () => {
      await assert.rejects(
        fixture.kube.patch(configMaps, { name: 'missing', namespace: fixture.namespace }, {}),
        (error) => error instanceof KubeError && error.status === 404,
      )
    })

    test('delete() takes only the very object when a uid is named, and missing is fine', async () => {
      const made = await fixture.kube.create(configMaps, map({ a: '1' }))
      await assert.rejects(
        fixture.kube.delete(configMaps, { ...made.metadata, uid: randomUUID() }),
        isConflict,
      )
      await fixture.kube.delete(configMaps, {
        name: made.metadata.name,
        namespace: fixture.namespace,
        uid: made.metadata.uid ?? '',
      })
      await fixture.kube.delete(configMaps, {
        name: made.metadata.name,
        namespace: fixture.namespace,
      })
      assert.equal(await fixture.kube.get(configMaps, made.metadata), undefined)
    })

    test('delete() leaves what a finalizer holds until it is taken off', async () => {
      const object = map({ a: '1' })
      const made = await fixture.kube.create(configMaps, {
        ...object,
        metadata: { ...object.metadata, finalizers: ['strongroom.dev/cleanup'] },
      })
      await fixture.kube.delete(configMaps, {
        name: made.metadata.name,
        namespace: fixture.namespace,
      })
      assert.ok((await fixture.kube.get(configMaps, made.metadata))?.metadata.deletionTimestamp)
      await fixture.kube.patch(configMaps, made.metadata, { metadata: { finalizers: [] } })
      assert.equal(await fixture.kube.get(configMaps, made.metadata), undefined)
    })

    test('list() selects by namespace and label, and its items know their kind', async () => {
      const made = await fixture.kube.create(configMaps, map({ a: '1' }))
      const { items, resourceVersion } = await fixture.kube.list(configMaps, {
        namespace: fixture.namespace,
        labelSelector: 'suite=contract',
      })
      const found = items.find(({ metadata }) => metadata.name === made.metadata.name)
      assert.equal(found?.kind, 'ConfigMap')
      assert.ok(Number(resourceVersion) >= Number(made.metadata.resourceVersion))
      const none = await fixture.kube.list(configMaps, {
        namespace: fixture.namespace,
        labelSelector: 'suite=other',
      })
      assert.deepEqual(none.items, [])
    })

    test('watch() gives what happened after the version, in order, and ends with its signal', async () => {
      const { kube, namespace } = fixture
      const selection = { namespace, labelSelector: 'suite=contract' }
      const { resourceVersion } = await kube.list(configMaps, selection)
      const made = await kube.create(configMaps, map({ a: '1' }))
      await kube.patch(configMaps, made.metadata, { data: { a: '2' } })
      await kube.delete(configMaps, { name: made.metadata.name, namespace })
      const events = await take(kube, { ...selection, resourceVersion }, 3)
      assert.deepEqual(
        events.map(({ type }) => type),
        ['ADDED', 'MODIFIED', 'DELETED'],
      )
    })

    test('watch() from a version that nobody has any more is Gone', async (t) => {
      const { kube, namespace, forgottenVersion } = fixture
      if (forgottenVersion === undefined) return t.skip('this server cannot be made to forget')
      const resourceVersion = await forgottenVersion()
      await assert.rejects(take(kube, { namespace, resourceVersion }, 1), Gone)
    })
  })
}

async function take(
  kube: Kube,
  selection: {
    readonly namespace: string
    readonly labelSelector?: string
    readonly resourceVersion: string
  },
  count: number,
): Promise<WatchEvent<ConfigMap>[]> {
  const stop = new AbortController()
  const events: WatchEvent<ConfigMap>[] = []
  for await (const event of kube.watch<ConfigMap>(configMaps, selection, stop.signal)) {
    if (event.type !== 'BOOKMARK') events.push(event)
    if (events.length === count) break
  }
  stop.abort()
  return events
}
