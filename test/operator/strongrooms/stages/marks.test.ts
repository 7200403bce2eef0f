import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { KubeObject } from '#operator/kube/kube.ts'
import { annotation, clusterLabels } from '#operator/kube/labels.ts'
import { secretData } from '#operator/kube/secret.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { marksStage } from '#operator/strongrooms/stages/marks.ts'
import { strongroomWorld, volume, type World } from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

/** `claim Secret vault-trust`, `strip … : data.x`. */
function found(given: Partial<Observed>): string[] {
  return marksStage(world.seen(given)).steps.flatMap((step) => {
    if (step.kind !== 'claim' && step.kind !== 'strip') return []
    const { kind, object } = step.child
    const where = step.kind === 'strip' ? `: ${step.foreign.paths.join()}` : ''
    return [`${step.kind} ${kind.kind} ${object.metadata.name}${where}`]
  })
}

const changed = (name: string, change: (secret: KubeObject) => object) => {
  const secret = world.secrets.get(name) ?? assert.fail()
  return { secrets: new Map([...world.secrets, [name, { ...secret, ...change(secret) }]]) }
}

test('marksStage() leaves alone what is ours by its UID', () => {
  assert.deepEqual(found({}), [])
})

test('marksStage() takes over what an earlier Strongroom of the name left, and what bears only our labels', () => {
  const earlier = { [annotation.source]: 'Strongroom/vault', [annotation.ownerUid]: 'earlier' }
  for (const annotations of [earlier, {}]) {
    const metadata = { ...volume.metadata, annotations }
    assert.deepEqual(found({ volumes: [{ ...volume, metadata }] }), [
      'claim PersistentVolumeClaim data-vault-0',
    ])
  }
})

test('marksStage() touches nothing of others: a volume that bears only the name of ours', () => {
  const metadata = { ...volume.metadata, labels: { app: 'postgres' }, annotations: {} }
  assert.deepEqual(found({ volumes: [{ ...volume, metadata }] }), [])
  const other = { ...volume.metadata, labels: clusterLabels('other', 'server') }
  assert.deepEqual(found({ volumes: [{ ...volume, metadata: other }] }), [])
})

test('marksStage() takes keys out of mounted Secrets that others put in, and owners off all that outlives the resource', () => {
  const more = changed('vault-internal-tls', (secret) => ({
    data: { ...(secret as { data?: object }).data, ...secretData({ 'theirs.crt': 'x' }) },
  }))
  assert.deepEqual(found(more), ['strip Secret vault-internal-tls: data.theirs.crt'])
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'x' }]
  for (const name of ['vault-client-ca', 'vault-trust'])
    assert.deepEqual(
      found(changed(name, ({ metadata }) => ({ metadata: { ...metadata, ownerReferences } }))),
      [`strip Secret ${name}: metadata.ownerReferences`],
    )
  const metadata = { ...volume.metadata, ownerReferences }
  assert.deepEqual(found({ volumes: [{ ...volume, metadata }] }), [
    'strip PersistentVolumeClaim data-vault-0: metadata.ownerReferences',
  ])
})
