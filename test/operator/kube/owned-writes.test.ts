import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pods, secrets } from '#operator/kube/kinds.ts'
import { isConflict, type KubeObject, type Metadata } from '#operator/kube/kube.ts'
import { annotation, clusterLabels, ownedBy } from '#operator/kube/labels.ts'
import {
  applyOwn,
  createOwn,
  deleteOwn,
  patchOwn,
  patchPodOf,
  replaceOwn,
} from '#operator/kube/owned-writes.ts'
import { NameTaken, standingOf } from '#operator/kube/ownership.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'

const owner = strongroom({ metadata: { uid: 'u1' } })
const labels = clusterLabels('vault', 'trust')
const marks = { [annotation.source]: 'Strongroom/vault', [annotation.ownerUid]: 'u1' }
const object = (metadata: Partial<Metadata> = {}, kind = 'Secret'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', namespace: 'shop', ...metadata },
})
const reference = (uid: string, name = 'vault', kind = 'Strongroom') => ({
  ...ownedBy(strongroom({ metadata: { uid, name } })),
  kind,
})

/** Every way to write, on an object that is there. */
const writes = {
  applyOwn: (kube: FakeKube, there: KubeObject) =>
    applyOwn({ kube, owner }, { kind: secrets, object: object(), fieldManager: 'm' }, { there }),
  replaceOwn: (kube: FakeKube, there: KubeObject) =>
    replaceOwn({ kube, owner }, { kind: secrets, object: object() }, { there }),
  patchOwn: (kube: FakeKube, there: KubeObject) =>
    patchOwn({ kube, owner }, { kind: secrets, object: there }, { data: { a: 'x' } }),
  deleteOwn: (kube: FakeKube, there: KubeObject) => deleteOwn({ kube, owner }, secrets, there),
} as const

for (const [name, write] of Object.entries(writes)) {
  test(`${name}() changes nothing of anybody else`, async () => {
    for (const metadata of [{}, { labels }, { labels, ownerReferences: [reference('u0')] }]) {
      const kube = new FakeKube()
      const there = await kube.create(secrets, object(metadata))
      await assert.rejects(write(kube, there), NameTaken)
      assert.deepEqual(await kube.get(secrets, there.metadata), there)
    }
  })

  test(`${name}() changes no object that took the place of the one that was seen`, async () => {
    const kube = new FakeKube()
    const annotations = { ...marks, [annotation.ownerUid]: 'u0' }
    const seen = await kube.create(secrets, object({ labels, annotations }))
    await kube.delete(secrets, seen.metadata)
    const there = await kube.create(secrets, object({ labels: { app: 'theirs' } }))
    await assert.rejects(write(kube, seen), isConflict)
    assert.deepEqual(await kube.get(secrets, there.metadata), there)
  })
}

test('createOwn() marks what it makes, and leaves what is there', async () => {
  const kube = new FakeKube()
  const made = await createOwn({ kube, owner }, secrets, object({ labels }))
  assert.equal(made && standingOf(made, owner), 'ours')
  assert.equal(await createOwn({ kube, owner }, secrets, object({ labels })), undefined)
})

test('patchOwn() and deleteOwn() take over first what an earlier resource of the name left', async () => {
  const kube = new FakeKube()
  const annotations = { ...marks, [annotation.ownerUid]: 'u0' }
  const there = await kube.create(secrets, object({ labels, annotations }))
  await patchOwn(
    { kube, owner },
    { kind: secrets, object: there },
    { metadata: { annotations: { a: 'b' } } },
  )
  const after = (await kube.get(secrets, there.metadata)) ?? assert.fail()
  assert.deepEqual(after.metadata.annotations, { ...marks, a: 'b' })
  await assert.rejects(patchOwn({ kube, owner }, { kind: secrets, object: there }, {}), isConflict)
  await deleteOwn({ kube, owner }, secrets, after)
  await deleteOwn({ kube, owner }, secrets, after)
  await deleteOwn({ kube, owner }, secrets, there)
  assert.equal(await kube.get(secrets, there.metadata), undefined)
})

test('patchPodOf() patches pods of our own StatefulSet alone', async () => {
  const kube = new FakeKube()
  const set = object({ uid: 's1', labels, ownerReferences: [reference('u1')] }, 'StatefulSet')
  const patch = { metadata: { annotations: { a: 'b' } } }
  const made = async (metadata: Partial<Metadata>) => kube.create(pods, object(metadata, 'Pod'))
  const ours = await made({ name: 'ours', ownerReferences: [{ ...ownedBy(set) }] })
  const bare = await made({ name: 'bare', labels })
  const theirs = object({ uid: 's1', labels, ownerReferences: [reference('u0')] }, 'StatefulSet')
  for (const [pod, of] of [
    [bare, set],
    [ours, theirs],
    [ours, undefined],
  ] as const)
    await patchPodOf({ kube, owner }, { kind: pods, pod, set: of }, patch)
  assert.ok(!kube.writes.some((write) => write.startsWith('patch')))
  await patchPodOf({ kube, owner }, { kind: pods, pod: ours, set }, patch)
  assert.deepEqual(kube.writes.at(-1), 'patch Pod ours')
})
