import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { annotation } from '#operator/kube/labels.ts'
import { secretText } from '#operator/kube/secret.ts'
import { declared, openOrder, orderWorld } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

test('ordered() writes an order down before anything else is done with it, and takes no act where that fails', async () => {
  const it = await orderWorld()
  await assert.rejects(
    it.pass(() => true),
    /killed/,
  )
  assert.deepEqual(it.ca.calls, ['new-order'])
  assert.equal((await it.cluster()).status?.order, undefined)
})

test('ordered() writes down what is to be shown before it is shown, and what is to be taken away before that', async () => {
  const it = await orderWorld()
  const challenge = async () => (await it.cluster()).status?.order?.authorizations[0]?.challenge
  const seen: unknown[] = []
  const { present, cleanUp } = it.solver
  it.solver.present = async (shown) => {
    seen.push(['present', (await challenge())?.token])
    await present.call(it.solver, shown)
  }
  it.solver.cleanUp = async (shown) => {
    seen.push(['clean-up', (await it.cluster()).status?.order?.finalized])
    await cleanUp.call(it.solver, shown)
  }
  await assert.rejects(
    it.pass((write) => write >= 2),
    /killed/,
  )
  assert.deepEqual([it.ca.calls, seen], [['new-order', 'authorization'], []])
  await it.settle()
  assert.deepEqual(seen, [
    ['present', 'token-vault-example'],
    ['clean-up', true],
  ])
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

test('ordered() tries again at once when the issuer was changed or an administrator asks for it, and else waits', async () => {
  const it = await orderWorld()
  const wrong = 'wrong answer at vault.example'
  it.ca.failing.set('vault.example', wrong)
  const untilFailed = async (attempts: number) => {
    for (let look = 0; look < 20; look += 1) {
      const passed = await it.pass()
      if (passed?.order?.attempts === attempts) return
      it.clock.nowMs = passed?.againAtMs ?? it.clock.nowMs
    }
    throw new Error(`it never failed ${attempts} times`)
  }
  await untilFailed(1)
  const orders = () => it.ca.count('new-order')
  await it.pass()
  assert.equal(orders(), 1)
  Object.assign(it.issuer, { occasion: '2' })
  await untilFailed(2)
  assert.equal(orders(), 2)
  await it.kube.patch(
    strongrooms,
    { name: 'vault', namespace: 'shop' },
    { metadata: { annotations: { [annotation.renew]: 'now' } } },
  )
  it.ca.failing.delete('vault.example')
  const passed = await it.settle()
  assert.deepEqual([orders(), passed?.finding.reason], [3, 'Issued'])
  assert.equal((await it.served())?.metadata.annotations?.[annotation.renewed], 'now')
})
