import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { isTrue } from '#operator/kube/conditions.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { StatusWriter } from '#operator/strongrooms/writer.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { declared, openOrder } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'
import { strongroomWorld } from '#test/support/strongroom-world.ts'

test('StatusWriter writes an order whenever it differs, and forgets one that is over', async () => {
  const kube = new FakeKube()
  const world = await strongroomWorld()
  const cluster = strongroom({ spec: declared })
  await kube.create(strongrooms, cluster)
  const observed = world.seen({ cluster })
  const means = { kube, report: async () => undefined }
  const writer = new StatusWriter(observed, plan(observed), means)
  const finding = isTrue('PublicCertificateReady', 'Renewing', 'x')
  const order = openOrder('dns-01', 't')
  const statusOf = async () =>
    (await kube.get<Strongroom>(strongrooms, { name: 'vault', namespace: 'shop' }))?.status
  await writer.write({ finding, order, certificate: undefined })
  assert.deepEqual((await statusOf())?.order, order)
  const before = kube.writes.length
  await writer.write({ finding, order, certificate: undefined })
  assert.equal(kube.writes.length, before)
  const { orderUrl: _, ...less } = order
  await writer.write({ finding, order: less, certificate: undefined })
  assert.equal(kube.writes.length, before + 1)
  await writer.write({ finding, order: undefined, certificate: undefined })
  assert.equal(kube.writes.length, before + 2)
  const types = (await statusOf())?.conditions?.map(({ type }) => type)
  assert.ok(types?.includes('PublicCertificateReady'))
})
