import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject, Metadata } from '#operator/kube/kube.ts'
import { annotation, ownedBy } from '#operator/kube/labels.ts'
import { marked, sourceOf } from '#operator/kube/marks.ts'
import { certificate, strongroom } from '#test/support/resources.ts'

const owner = strongroom({ metadata: { uid: 'u1' } })
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

test('marked() binds an object to its resource by kind, name and UID, unless it names it as its owner', () => {
  assert.deepEqual(marked(object({ annotations: { a: 'b' } }), owner).metadata.annotations, {
    a: 'b',
    ...marks,
  })
  const child = object({ ownerReferences: [reference('u1')] })
  assert.equal(marked(child, owner), child)
  assert.equal(sourceOf(certificate()), 'StrongroomCertificate/shop')
})
