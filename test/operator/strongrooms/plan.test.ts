import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { annotation } from '#operator/kube/labels.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { type Plan, plan } from '#operator/strongrooms/plan.ts'
import { strongroom } from '#test/support/resources.ts'
import {
  findingOf,
  kindsOf,
  knownKeys,
  strongroomWorld,
  type World,
} from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

describe('plan() for a Strongroom: members and store', () => {
  test('is through when everything is there', () => {
    const planned = plan(world.seen())
    assert.deepEqual(kindsOf(planned), ['apply'])
    assert.equal(planned.halt, undefined)
    assert.deepEqual(
      planned.findings.map(({ type, status }) => `${type} ${status}`),
      [
        'KeysReady True',
        'CertificatesReady True',
        'MembersHealthy True',
        'CertificatesServed True',
        'StoreTrusted True',
      ],
    )
    assert.deepEqual(
      [planned.status.storeId, planned.status.storeCommit, planned.status.ready],
      ['store-1', 5, '1/1'],
    )
  })

  test('keeps the image that the cluster was made with when the operator is a newer one', () => {
    const image = (cluster: Observed['cluster']): unknown =>
      plan(world.seen({ cluster, operatorImage: 'strongroom:2', allowedImages: ['mine:*'] })).status
        .image
    assert.equal(image(strongroom({ status: { masterKeys: knownKeys } })), 'strongroom:2')
    assert.equal(
      image(strongroom({ status: { masterKeys: knownKeys, image: 'strongroom:1' } })),
      'strongroom:1',
    )
    assert.equal(
      image(
        strongroom({
          spec: { image: 'mine:3' },
          status: { masterKeys: knownKeys, image: 'strongroom:1' },
        }),
      ),
      'strongroom:1',
      'an image of spec is recorded once every member has run it',
    )
  })

  test("waits for a member and passes on the pod's own words", () => {
    const observed = world.seen()
    const crashed = world.member(observed, {
      state: undefined,
      pod: {
        ...world.member(observed).pod,
        status: {
          phase: 'Running',
          conditions: [],
          containerStatuses: [
            {
              name: 'server',
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
              lastState: {
                terminated: {
                  exitCode: 1,
                  message: 'noise\nMasterKeyWrong: the key opens nothing\n',
                },
              },
            },
          ],
        },
      },
    })
    const planned = plan(world.seen({ members: [crashed] }))
    assert.equal(planned.halt?.reason, 'AwaitingMembers')
    assert.match(
      planned.halt?.message ?? '',
      /vault-0: CrashLoopBackOff: MasterKeyWrong: the key opens nothing/,
    )
  })

  test('nudges a pod whose mounted Secrets changed', () => {
    const observed = world.seen()
    const stale = {
      ...world.member(observed).pod,
      metadata: {
        ...world.member(observed).pod.metadata,
        annotations: { [annotation.nudge]: 'old' },
      },
    }
    const planned = plan(world.seen({ members: [world.member(observed, { pod: stale })] }))
    assert.deepEqual(kindsOf(planned), ['apply', 'nudge'])
  })

  test('says which member does not serve the certificate that it should', () => {
    const observed = world.seen()
    const planned = plan(
      world.seen({
        members: [
          world.member(observed, { public: { failure: 'unable to verify the first certificate' } }),
        ],
      }),
    )
    assert.deepEqual(
      [findingOf(planned, 'CertificatesServed')?.reason, planned.halt],
      ['NotServedYet', undefined],
    )
    assert.match(
      findingOf(planned, 'CertificatesServed')?.message ?? '',
      /vault-0 does not serve the public certificate .* unable to verify/,
    )
  })

  test('stops at another store or an older copy, and goes on where that very one was accepted', () => {
    const with_ = (StoreId: string, StoreCommit: number, accepted?: string): Plan => {
      const observed = world.seen()
      const base = world.member(observed)
      const cluster = strongroom({
        ...(accepted === undefined
          ? {}
          : { metadata: { annotations: { [annotation.acceptDataLoss]: accepted } } }),
        status: { masterKeys: knownKeys, storeId: 'store-1', storeCommit: 5 },
      })
      return plan(
        world.seen({
          cluster,
          members: [
            {
              ...base,
              state: base.state === undefined ? undefined : { ...base.state, StoreId, StoreCommit },
            },
          ],
        }),
      )
    }
    assert.equal(with_('store-2', 1).halt?.reason, 'DataLost')
    assert.equal(with_('store-2', 1, 'store-3').halt?.reason, 'DataLost')
    assert.equal(with_('store-2', 1, 'store-2').status.storeId, 'store-2')
    assert.equal(with_('store-1', 4).halt?.reason, 'StoreRolledBack')
    assert.equal(with_('store-1', 4, 'store-1@4').status.storeCommit, 4)
    assert.equal(with_('store-1', 6).status.storeCommit, 6)
  })

  test('asks for more storage where the size grew', () => {
    const cluster = strongroom({
      spec: { storage: { size: '2Gi' } },
      status: { masterKeys: knownKeys },
    })
    assert.deepEqual(
      plan(world.seen({ cluster })).steps.filter(({ kind }) => kind === 'grow-volume'),
      [{ kind: 'grow-volume', name: 'data-vault-0', size: '2Gi' }],
    )
  })
})
