import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statefulSets } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { objectsStage } from '#operator/strongrooms/stages/objects.ts'
import { objectsRefusal } from '#operator/strongrooms/stages/objects-refusal.ts'
import { strongroom } from '#test/support/resources.ts'

const seen = (cluster: Parameters<typeof strongroom>[0], given: Partial<Observed> = {}): Observed =>
  ({
    ...{ cluster: strongroom(cluster), children: [], volumes: [], configMaps: new Map() },
    ...{ operatorImage: 'strongroom:1', allowedImages: ['mine:*'], ...given },
  }) as unknown as Observed

const running = (image: string) => {
  const template = { spec: { containers: [{ image }] } }
  const object = { metadata: { name: 'vault' }, spec: { template } } as unknown as KubeObject
  return { children: [{ kind: statefulSets, object }] }
}

test('objectsRefusal() stops before the volume of another application, and says how to give it back', () => {
  const theirs = {
    metadata: { name: 'data-vault-0', namespace: 'shop', labels: { app: 'postgres' } },
  } as unknown as KubeObject
  const observed = seen({}, { volumes: [theirs] })
  const found = objectsRefusal(observed)
  assert.equal(found?.reason, 'VolumeOwnedByOther')
  assert.match(
    found?.message ?? '',
    /kubectl annotate pvc data-vault-0 strongroom\.dev\/source=Strongroom\/vault/,
  )
  assert.deepEqual(objectsStage(observed).steps, [])
  const later = seen({}, { ...running('strongroom:1'), volumes: [theirs] })
  assert.equal(objectsRefusal(later), undefined, 'put back under a running cluster')
  assert.ok(!objectsStage(later).steps.some(({ kind }) => kind === 'grow-volume'))
})

test('objectsRefusal() lets no image from elsewhere run unless it is allowed, or runs already', () => {
  const of = (cluster: Parameters<typeof strongroom>[0], given: Partial<Observed> = {}) =>
    objectsRefusal(seen(cluster, given))?.reason
  assert.equal(of({ spec: { image: 'evil:1' } }), 'ImageNotAllowed')
  assert.equal(of({ status: { image: 'evil:1' } }), 'ImageNotAllowed', 'others may write status')
  assert.equal(of({ spec: { image: 'strongroom:3' } }), undefined)
  assert.equal(of({ spec: { image: 'mine:3' } }), undefined)
  assert.equal(
    of({ status: { image: 'old/strongroom:1' } }, running('old/strongroom:1')),
    undefined,
  )
})
