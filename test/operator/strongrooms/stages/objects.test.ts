import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StrongroomSpec } from '#operator/api/strongroom.ts'
import { statefulSets } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { objectsStage } from '#operator/strongrooms/stages/objects.ts'
import { strongroom } from '#test/support/resources.ts'
import { ofVault } from '#test/support/synced-cache.ts'

const claim = (storage: string, name = 'data-vault-0'): KubeObject =>
  ofVault({
    metadata: { name, namespace: 'shop' },
    spec: { resources: { requests: { storage } } },
  } as unknown as KubeObject)

function staged(storage: StrongroomSpec['storage'], given: Partial<Observed> = {}) {
  const cluster = strongroom({ spec: { storage } })
  const none = { children: [], volumes: [], configMaps: new Map() }
  const observed = { cluster, ...none, operatorImage: 'strongroom:1', ...given }
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
  assert.deepEqual(
    grown('1Gi', ofVault({ metadata: { name: 'x', namespace: 'shop' } } as unknown as KubeObject)),
    ['x 1Gi'],
  )
})

test('objectsStage() keeps the image that the cluster has, whatever the operator is', () => {
  const of = (status: object, spec: object = {}) => {
    const cluster = strongroom({ status, spec })
    return objectsStage({
      cluster,
      children: [],
      volumes: [],
      configMaps: new Map(),
      operatorImage: 'strongroom:2',
      allowedImages: ['mine:*'],
    } as unknown as Observed).status
  }
  assert.deepEqual(of({}), { image: 'strongroom:2' })
  assert.deepEqual(of({ image: 'strongroom:1' }), { image: 'strongroom:1' })
  assert.deepEqual(of({ image: 'strongroom:1' }, { image: 'mine:3' }), { image: 'strongroom:1' })
})

test('objectsStage() records an image of spec only once every member has run it: without it they return to the one before', () => {
  const seen = (image: string, status: object, spec: object) => {
    const template = { spec: { containers: [{ image }] } }
    const object = { metadata: { name: 'vault', generation: 2 }, spec: { template }, status }
    const cluster = strongroom({ status: { image: 'strongroom:1' }, spec })
    const children = [{ kind: statefulSets, object: object as unknown as KubeObject }]
    return objectsStage({
      cluster,
      children,
      volumes: [],
      configMaps: new Map(),
      allowedImages: ['*'],
      operatorImage: 'x',
    } as unknown as Observed)
  }
  const out = { observedGeneration: 2, readyReplicas: 1, updatedReplicas: 1 }
  const wrong = { image: 'wrong:1' }
  assert.equal(seen('wrong:1', { ...out, readyReplicas: 0 }, wrong).status?.image, 'strongroom:1')
  assert.equal(seen('strongroom:1', out, wrong).status?.image, 'strongroom:1')
  assert.equal(
    seen('wrong:1', { ...out, observedGeneration: 1 }, wrong).status?.image,
    'strongroom:1',
  )
  assert.equal(seen('wrong:1', { ...out, updatedReplicas: 0 }, wrong).status?.image, 'strongroom:1')
  assert.equal(seen('mine:2', out, { image: 'mine:2' }).status?.image, 'mine:2')
  const [apply] = seen('wrong:1', out, {}).steps
  const set = apply?.kind === 'apply' ? JSON.stringify(apply.desired.at(-1)?.object) : ''
  assert.match(set, /"image":"strongroom:1"/)
})

const withCapacity = (requested: string, capacity: string, conditions: object[] = []): KubeObject =>
  ({ ...claim(requested), status: { capacity: { storage: capacity }, conditions } }) as KubeObject

test('objectsStage() says what the volume has, and lets one that cannot grow return to a size that it can have', () => {
  const steps = (size: string, volume: KubeObject) =>
    staged({ size }, { volumes: [volume] }).steps.flatMap((step) =>
      step.kind === 'grow-volume' ? [step.size] : [],
    )
  const stuck = withCapacity('10Gi', '1Gi')
  assert.deepEqual(steps('1Gi', stuck), ['1Gi'])
  assert.deepEqual(steps('5Gi', stuck), ['5Gi'])
  assert.deepEqual(steps('512Mi', stuck), [], 'no volume is made smaller')
  assert.deepEqual(steps('10Gi', stuck), [])
  assert.deepEqual(
    steps('1Gi', withCapacity('10Gi', '10Gi')),
    [],
    'a volume that was kept may be larger',
  )
  const volumes = [withCapacity('1Gi', '1Gi'), withCapacity('2Gi', '2Gi')]
  assert.equal(staged({ size: '1Gi' }, { volumes }).status?.storage, '2Gi')
})

test('objectsStage() says why a volume does not grow, and what to do', () => {
  const failed = [{ type: 'ControllerResizeError', message: 'the pool is full' }]
  const volumes = [withCapacity('10Gi', '1Gi', failed)]
  const [finding] = staged({ size: '10Gi' }, { volumes }).findings
  assert.deepEqual([finding?.status, finding?.reason], ['False', 'VolumeNotGrown'])
  assert.match(finding?.message ?? '', /the pool is full\. Set spec\.storage\.size back to 1Gi/)
  assert.deepEqual(staged({ size: '1Gi' }, { volumes: [withCapacity('1Gi', '1Gi')] }).findings, [])
})

test('objectsStage() takes the ConfigMap of administrators away that earlier versions made', () => {
  const map = ofVault<KubeObject>({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'vault-admins', namespace: 'shop' },
  })
  const [apply] = staged({ size: '1Gi' }, { configMaps: new Map([['vault-admins', map]]) }).steps
  assert.deepEqual(apply?.kind === 'apply' && apply.found.map(({ object }) => object), [map])
})
