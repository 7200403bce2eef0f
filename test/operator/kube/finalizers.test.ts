import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { setFinalizer } from '#operator/kube/finalizers.ts'
import { isConflict, type KubeObject } from '#operator/kube/kube.ts'
import { finalizer } from '#operator/kube/labels.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { strongroom } from '#test/support/resources.ts'

async function after(given: readonly string[], wanted: boolean) {
  const kube = new FakeKube()
  const resource = await kube.create<KubeObject>(
    strongrooms,
    strongroom({ metadata: { finalizers: given } }),
  )
  const before = kube.writes.length
  await setFinalizer(kube, strongrooms, { resource, wanted })
  const { metadata } = (await kube.get(strongrooms, resource.metadata)) ?? assert.fail()
  return { finalizers: metadata.finalizers, writes: kube.writes.length - before }
}

test('setFinalizer() puts ours on and takes it off, and leaves those of others', async () => {
  const theirs = 'example.com/theirs'
  assert.deepEqual(await after([theirs], true), { finalizers: [theirs, finalizer], writes: 1 })
  assert.deepEqual(await after([finalizer, theirs], false), { finalizers: [theirs], writes: 1 })
})

test('setFinalizer() writes nothing where it is as wanted', async () => {
  assert.deepEqual(await after([finalizer], true), { finalizers: [finalizer], writes: 0 })
  assert.deepEqual(await after([], false), { finalizers: [], writes: 0 })
})

test('setFinalizer() is a conflict where the resource changed meanwhile: no finalizer of others is lost', async () => {
  const kube = new FakeKube()
  const resource = await kube.create<KubeObject>(strongrooms, strongroom())
  await kube.patch(strongrooms, resource.metadata, { metadata: { finalizers: ['x/y'] } })
  await assert.rejects(setFinalizer(kube, strongrooms, { resource, wanted: true }), isConflict)
})
