import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { isTrue } from '#operator/kube/conditions.ts'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import { plan } from '#operator/strongrooms/plan.ts'
import { StatusWriter } from '#operator/strongrooms/writer.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { declared, openOrder, orderWorld } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'
import { strongroomWorld } from '#test/support/strongroom-world.ts'

test('StatusWriter writes an order whenever it differs, and forgets one that is over', async () => {
  const kube = new FakeKube()
  const world = await strongroomWorld()
  const cluster = strongroom({ spec: declared })
  await kube.create(strongrooms, cluster)
  const observed = world.seen({ cluster })
  const means = { kube, report: async () => undefined, ownWrites: new OwnWrites() }
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

test('StatusWriter does not say Ready of a certificate that came after the members were dialed', async () => {
  const kube = new FakeKube()
  const world = await strongroomWorld()
  const cluster = strongroom({ spec: declared })
  await kube.create(strongrooms, cluster)
  const observed = world.seen({ cluster })
  const writer = new StatusWriter(observed, plan(observed), {
    kube,
    report: async () => undefined,
    ownWrites: new OwnWrites(),
  })
  const readyWith = async (sha256: string): Promise<string> => {
    const dates = { notAfter: '2026-09-01T00:00:00Z', renewAt: '2026-08-01T00:00:00Z' }
    const certificate = { issuer: 'StrongroomIssuer le', sha256, revision: 1, ...dates }
    const finding = isTrue('PublicCertificateReady', 'Issued', 'x')
    await writer.write({ finding, order: undefined, certificate })
    const found = await kube.get<Strongroom>(strongrooms, { name: 'vault', namespace: 'shop' })
    const ready = found?.status?.conditions?.find(({ type }) => type === 'Ready')
    return `${ready?.status} ${ready?.reason}`
  }
  assert.equal(await readyWith('f'.repeat(64)), 'False NotServedYet')
  assert.equal(await readyWith(world.open.certificate.sha256), 'True Ready')
})

test('StatusWriter writes once that the issuer of a good certificate is gone, and nothing at the next look', async () => {
  const it = await orderWorld()
  await it.settle()
  await it.pass()
  it.seen.resource = undefined
  const kube = new FakeKube()
  await kube.create(strongrooms, await it.cluster())
  const look = async (): Promise<Strongroom['status']> => {
    const ref = { name: 'vault', namespace: 'shop' }
    const cluster = await kube.get<Strongroom>(strongrooms, ref)
    const observed = it.world.seen({ cluster: cluster ?? strongroom() })
    const means = { kube, report: async () => undefined, ownWrites: new OwnWrites() }
    await new StatusWriter(observed, plan(observed), means).write(await it.pass())
    return (await kube.get<Strongroom>(strongrooms, ref))?.status
  }
  const said = (await look())?.conditions?.find(({ type }) => type === 'PublicCertificateReady')
  assert.match(said?.message ?? '', /IssuerNotFound/)
  assert.equal(said?.status, 'True')
  const before = kube.writes.length
  await look()
  assert.equal(kube.writes.length, before)
})
