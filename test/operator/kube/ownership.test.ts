import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { configMaps } from '#operator/kube/kinds.ts'
import type { KubeObject, Metadata } from '#operator/kube/kube.ts'
import { annotation, clusterLabels, ownedBy } from '#operator/kube/labels.ts'
import { isMadeForAnother, isOwn, ownObject, standingOf } from '#operator/kube/ownership.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { issuer, strongroom } from '#test/support/resources.ts'

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

describe('standingOf()', () => {
  const known = strongroom({
    metadata: { uid: 'u1' },
    status: { masterKeys: [{ id: 'k', fingerprint: 'f' }] },
  })
  const certManager = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    name: 'x',
    uid: 'c',
    controller: true,
  }
  const cases: readonly [what: string, metadata: Partial<Metadata>, expected: string][] = [
    ['our marks', { labels, annotations: marks }, 'ours'],
    ['our owner reference', { labels, ownerReferences: [reference('u1')] }, 'ours'],
    [
      'marks of an earlier one',
      { labels, annotations: { ...marks, [annotation.ownerUid]: 'u0' } },
      'left',
    ],
    [
      'what was put back by hand',
      { labels, annotations: { [annotation.source]: 'Strongroom/vault' } },
      'left',
    ],
    ['an earlier owner', { labels, ownerReferences: [reference('u0')] }, 'going'],
    ['nothing at all', {}, 'foreign'],
    ['marks without our label', { annotations: marks }, 'foreign'],
    ['labels alone, before the keys are known', { labels }, 'foreign'],
    [
      'another name',
      { labels, annotations: { ...marks, [annotation.source]: 'Strongroom/other' } },
      'foreign',
    ],
    [
      'another kind',
      { labels, annotations: { ...marks, [annotation.source]: 'StrongroomIssuer/vault' } },
      'foreign',
    ],
    ['another cluster', { labels: clusterLabels('other', 'trust'), annotations: marks }, 'foreign'],
    [
      'another owner',
      { labels, annotations: marks, ownerReferences: [reference('u9', 'other')] },
      'foreign',
    ],
    [
      'an owner of another kind',
      { labels, ownerReferences: [reference('u1x', 'vault', 'StatefulSet')] },
      'foreign',
    ],
    ['another namespace', { namespace: 'bank', labels, annotations: marks }, 'foreign'],
    [
      'what cert-manager fills',
      { labels, annotations: marks, ownerReferences: [certManager] },
      'ours',
    ],
  ]
  for (const [what, metadata, expected] of cases)
    test(`${what}: ${expected}`, () => {
      assert.equal(standingOf(object(metadata), owner), expected)
      assert.equal(isOwn(object(metadata), owner), ['ours', 'left'].includes(expected))
    })

  test('labels alone are enough where the keys are on record, for what earlier versions made', () => {
    assert.equal(standingOf(object({ labels }), known), 'left')
    assert.equal(
      standingOf(object({ labels: clusterLabels('vault', 'client-certificate') }), known),
      'foreign',
    )
    assert.equal(standingOf(object({ labels: clusterLabels('other', 'trust') }), known), 'foreign')
  })

  test('is ours only with our label, whatever else an object bears', () => {
    const text = fc.constantFrom('u1', 'u0', 'Strongroom/vault', 'vault', '', 'x')
    const noted = fc.dictionary(fc.constantFrom(annotation.source, annotation.ownerUid), text)
    const labelled = fc.dictionary(fc.constantFrom(...Object.keys(labels)), text)
    fc.assert(
      fc.property(noted, labelled, (annotations, theirs) => {
        assert.equal(standingOf(object({ labels: theirs, annotations }), owner), 'foreign')
      }),
    )
  })
})

test('isMadeForAnother() is true of what the operator made for another resource alone', () => {
  const theirs = { ...marks, [annotation.source]: 'StrongroomIssuer/other' }
  assert.ok(isMadeForAnother(object({ labels, annotations: theirs }), issuer()))
  assert.ok(!isMadeForAnother(object({ annotations: theirs }), issuer()))
  assert.ok(!isMadeForAnother(object({ labels, annotations: marks }), owner))
  assert.ok(!isMadeForAnother(undefined, owner))
})

test('ownObject() reads what is ours, gives nothing for what is missing, and names whoever is in the way', async () => {
  const kube = new FakeKube()
  const ref = { name: 'x', namespace: 'shop' }
  assert.equal(await ownObject({ kube, owner }, configMaps, ref), undefined)
  await kube.create(configMaps, object({ labels, ownerReferences: [reference('u0')] }))
  await assert.rejects(
    ownObject({ kube, owner }, configMaps, ref),
    /is being deleted: it is made anew after that/,
  )
})
