import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { secretText } from '#operator/kube/secret.ts'
import { declared, openOrder, orderWorld } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

test('ordered() writes every state down before the next act, and takes no act where that fails', async () => {
  const it = await orderWorld()
  await assert.rejects(
    it.pass((write) => write >= 2),
    /killed/,
  )
  const before = it.ca.calls.length
  await assert.rejects(
    it.pass(() => true),
    /killed/,
  )
  assert.equal(it.ca.calls.length, before + 1)
  assert.ok((await it.cluster()).status?.order?.orderUrl)
})

test('ordered() keeps the waiting key until its certificate came', async () => {
  const it = await orderWorld()
  await assert.rejects(
    it.pass((write) => write >= 3),
    /killed/,
  )
  const key = secretText(await it.waiting(), 'tls.key')
  assert.notEqual(key, '')
  await it.settle()
  assert.equal(secretText(await it.served(), 'tls.key'), key)
})

test('ordered() keeps the order in status until the key that waited is gone', async () => {
  const it = await orderWorld()
  Object.assign(it.kube, { delete: () => Promise.reject(new Error('away')) })
  await assert.rejects(it.settle(), /away/)
  assert.ok(await it.served())
  assert.ok((await it.cluster()).status?.order)
  Reflect.deleteProperty(it.kube, 'delete')
  assert.equal((await it.settle())?.order, undefined)
  assert.equal(await it.waiting(), undefined)
  assert.equal(it.ca.count('new-order'), 1)
})

test('ordered() waits for an order of the same name that was begun before this process', async () => {
  const it = await orderWorld()
  const status = { order: openOrder('dns-01', 't') }
  const other = strongroom({ metadata: { name: 'other' }, spec: declared, status })
  Object.assign(it.means, { cache: { ...it.means.cache, list: () => [other] } })
  const passed = await it.pass()
  assert.equal(passed?.finding.reason, 'NameIsBeingOrdered')
})

test('ordered() goes on with an order of its own beside another', async () => {
  const it = await orderWorld()
  await assert.rejects(
    it.pass((write) => write >= 2),
    /killed/,
  )
  const status = { order: openOrder('dns-01', 't') }
  const other: Strongroom = strongroom({ metadata: { name: 'other' }, spec: declared, status })
  await it.kube.create(strongrooms, other)
  Object.assign(it.means, { cache: { ...it.means.cache, list: () => [other] } })
  assert.equal((await it.settle())?.finding.reason, 'Issued')
})
