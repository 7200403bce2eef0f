import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { finalizer } from '#operator/kube/labels.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { strongroom } from '#test/support/resources.ts'
import { kindsOf, knownKeys, strongroomWorld, type World } from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

describe('plan() for a Strongroom: end', () => {
  const going = (deletionPolicy: 'Retain' | 'Delete') =>
    strongroom({
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [finalizer] },
      spec: { deletionPolicy },
    })
  const child = {
    kind: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true },
    object: { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'vault' } },
  }

  test('keeps volumes with Retain and never touches a key', () => {
    assert.deepEqual(kindsOf(plan(world.seen({ cluster: going('Retain'), children: [child] }))), [
      'remove-finalizer',
    ])
  })

  test('deletes servers, then volumes, then lets go, with Delete', () => {
    assert.deepEqual(kindsOf(plan(world.seen({ cluster: going('Delete'), children: [child] }))), [
      'delete-children',
    ])
    assert.deepEqual(kindsOf(plan(world.seen({ cluster: going('Delete') }))), ['delete-volume'])
    assert.deepEqual(kindsOf(plan(world.seen({ cluster: going('Delete'), volumes: [] }))), [
      'remove-finalizer',
    ])
  })

  test('holds on only where there is something to undo', () => {
    assert.ok(
      kindsOf(
        plan(
          world.seen({
            cluster: strongroom({
              spec: { deletionPolicy: 'Delete' },
              status: { masterKeys: knownKeys },
            }),
          }),
        ),
      ).includes('add-finalizer'),
    )
    const released = strongroom({
      metadata: { finalizers: [finalizer] },
      status: { masterKeys: knownKeys },
    })
    assert.ok(kindsOf(plan(world.seen({ cluster: released }))).includes('remove-finalizer'))
  })

  test('does nothing at all while it is suspended', () => {
    const planned = plan(
      world.seen({ cluster: strongroom({ spec: { suspend: true } }), masterKey: undefined }),
    )
    assert.deepEqual([planned.steps.length, planned.halt?.reason], [0, 'Suspended'])
  })
})
