import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { editName, setRights } from '#operator/access/set-rights.ts'
import { Refused, Unreachable } from '#operator/admin/admin.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { authority, client } from '#test/support/certificates.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'

let shop: Certificate
before(async () => {
  shop = (await client(await authority())).certificate
})

async function scene() {
  const admin = new FakeAdmin()
  const permissions = { orders: 'ReadWrite', billing: 'Read' } as const
  await admin.putCertificate(shop.der, { name: 'shop', clearance: 'Operator', permissions })
  const [record = assert.fail()] = await admin.certificates()
  const given = (rights: Parameters<typeof setRights>[2]['rights']) =>
    setRights(admin, record, { name: 'shop', rights })
  return { admin, given, now: () => admin.rightsOf(shop.thumbprint) }
}

test('setRights() gives a record its rights in one call', async () => {
  const { admin, given, now } = await scene()
  await given({ clearance: 'ValidUser', permissions: { stock: 'Admin' } })
  assert.equal(now(), 'ValidUser stock:Admin')
  assert.deepEqual(admin.calls, ['put shop', 'edit shop'])
})

test('setRights() takes away what is too much although the server refuses what is wanted', async () => {
  const { given, now } = await scene()
  const permissions = { orders: 'Read', 'orders*': 'Read' } as const
  await assert.rejects(given({ clearance: 'ValidUser', permissions }), Refused)
  assert.equal(now(), 'ValidUser orders:Read')
})

test('setRights() says that the server was not reached, and tries nothing else then', async () => {
  const { admin, given, now } = await scene()
  admin.failures.set('edit', new Unreachable('it is away'))
  await assert.rejects(given({ clearance: 'ValidUser', permissions: {} }), Unreachable)
  assert.equal(now(), 'Operator orders:ReadWrite billing:Read')
})

test('editName() is another for other rights, or another record', () => {
  const rights = { clearance: 'ValidUser', permissions: { orders: 'Read' } } as const
  const name = editName('A', rights)
  assert.equal(editName('A', structuredClone(rights)), name)
  assert.notEqual(editName('B', rights), name)
  assert.notEqual(editName('A', { ...rights, permissions: {} }), name)
})
