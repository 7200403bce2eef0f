import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StrongroomSpec } from '#operator/api/strongroom.ts'
import { statefulSets } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { objectsStage } from '#operator/strongrooms/stages/objects.ts'
import { strongroom } from '#test/support/resources.ts'

const claim = (storage: string, name = 'data-vault-0'): KubeObject =>
  ({ metadata: { name }, spec: { resources: { requests: { storage } } } }) as unknown as KubeObject

function staged(storage: StrongroomSpec['storage'], given: Partial<Observed> = {}) {
  const cluster = strongroom({ spec: { storage } })
  const observed = { cluster, children: [], volumes: [], operatorImage: 'strongroom:1', ...given }
  return objectsStage(observed as unknown as Observed)
}

/** The claim that the StatefulSet is to have. */
function claimOf(result: ReturnType<typeof staged>) {
  const [apply] = result.steps
  const set = apply?.kind === 'apply' ? apply.desired.at(-1)?.object : undefined
  const { spec } = set as unknown as {
    spec: {
      volumeClaimTemplates: [
        { spec: { storageClassName?: string; resources: { requests: { storage: string } } } },
      ]
    }
  }
  const [{ spec: found }] = spec.volumeClaimTemplates
  return [found.resources.requests.storage, found.storageClassName]
}

const made = (storage: string, storageClassName?: string): Partial<Observed> => {
  const template = { spec: { resources: { requests: { storage } }, storageClassName } }
  const object = {
    metadata: { name: 'vault' },
    spec: { volumeClaimTemplates: [template] },
  } as unknown as KubeObject
  return { children: [{ kind: statefulSets, object }] }
}

test('objectsStage() makes the service account, both Services and the StatefulSet', () => {
  const [apply] = staged({ size: '1Gi' }).steps
  assert.ok(apply?.kind === 'apply')
  assert.deepEqual(
    apply.desired.map(({ object }) => `${object.kind} ${object.metadata.name}`),
    ['ServiceAccount vault-server', 'Service vault-members', 'Service vault', 'StatefulSet vault'],
  )
})

test('objectsStage() never asks for another claim than the StatefulSet was made with', () => {
  assert.deepEqual(claimOf(staged({ size: '1024Mi', className: 'fast' })), ['1024Mi', 'fast'])
  assert.deepEqual(claimOf(staged({ size: '2Gi' }, made('1Gi'))), ['1Gi', undefined])
  assert.deepEqual(
    claimOf(staged({ size: '1024Mi' }, made('1Gi'))),
    ['1024Mi', undefined],
    'the same',
  )
  assert.deepEqual(claimOf(staged({ size: '1Gi', className: 'fast' }, made('1Gi'))), [
    '1Gi',
    undefined,
  ])
  assert.deepEqual(claimOf(staged({ size: '1Gi' }, made('1Gi', 'slow'))), ['1Gi', 'slow'])
})

test('objectsStage() asks each smaller volume to grow, and none to shrink', () => {
  const grown = (size: string, ...volumes: KubeObject[]) =>
    staged({ size }, { volumes }).steps.flatMap((step) =>
      step.kind === 'grow-volume' ? [`${step.name} ${step.size}`] : [],
    )
  assert.deepEqual(grown('2Gi', claim('1Gi'), claim('2Gi', 'data-vault-1')), ['data-vault-0 2Gi'])
  assert.deepEqual(grown('1Gi', claim('2Gi')), [], 'a volume that was kept may be larger')
  assert.deepEqual(grown('1024Mi', claim('1Gi')), [])
  assert.deepEqual(grown('1Gi', { metadata: { name: 'x' } } as unknown as KubeObject), ['x 1Gi'])
})

test('objectsStage() keeps the image that the cluster has, whatever the operator is', () => {
  const of = (status: object, spec: object = {}) => {
    const cluster = strongroom({ status, spec })
    return objectsStage({
      cluster,
      children: [],
      volumes: [],
      operatorImage: 'strongroom:2',
    } as unknown as Observed).status
  }
  assert.deepEqual(of({}), { image: 'strongroom:2' })
  assert.deepEqual(of({ image: 'strongroom:1' }), { image: 'strongroom:1' })
  assert.deepEqual(of({ image: 'strongroom:1' }, { image: 'mine:3' }), { image: 'mine:3' })
})
