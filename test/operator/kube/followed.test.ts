import assert from 'node:assert/strict'
import { test } from 'node:test'
import { following } from '#operator/kube/followed.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { fakeTime } from '#test/support/fake-timers.ts'
import { secret } from '#test/support/resources.ts'

function world() {
  const kube = new FakeKube()
  const time = fakeTime()
  const woken: string[] = []
  const followed = following({
    kube,
    timers: time,
    random: () => 0.5,
    backoff: { firstMs: 100, mostMs: 1_000 },
    idleMs: 130_000,
    resyncMs: 1_000_000,
    failed: () => undefined,
    wake: (owner) => woken.push(owner),
  })
  const change = async (name: string, value: string): Promise<void> => {
    const { uid: _given, ...metadata } = secret(name, {}).metadata
    await kube.apply(secrets, { ...secret(name, { x: value }), metadata })
    await time.pass(1)
  }
  return { kube, time, woken, followed, change }
}

test('follow() wakes the owner when a Secret that it names appears, changes or vanishes', async () => {
  const { kube, time, woken, followed, change } = world()
  followed.follow('shop/vault', ['mine', undefined])
  await time.pass(1)
  await change('mine', '1')
  await change('mine', '2')
  await kube.delete(secrets, { name: 'mine', namespace: 'shop' })
  await time.pass(1)
  assert.deepEqual(woken, ['shop/vault', 'shop/vault', 'shop/vault'])
  followed.close()
})

test('follow() looks at nothing else, and at nothing that the owner no longer names', async () => {
  const { time, woken, followed, change } = world()
  followed.follow('shop/vault', ['mine'])
  await time.pass(1)
  await change('theirs', '1')
  assert.deepEqual(woken, [])
  followed.follow('shop/vault', [])
  await change('mine', '1')
  assert.deepEqual(woken, [])
  followed.close()
})

test('follow() keeps what is still named, for each owner by itself', async () => {
  const { time, woken, followed, change } = world()
  followed.follow('shop/a', ['mine'])
  followed.follow('shop/b', ['mine'])
  followed.follow('shop/a', ['mine'])
  await time.pass(1)
  await change('mine', '1')
  assert.deepEqual(woken.toSorted(), ['shop/a', 'shop/b'])
  followed.follow('shop/a', [])
  await change('mine', '2')
  assert.deepEqual(woken.toSorted(), ['shop/a', 'shop/b', 'shop/b'])
  followed.close()
})
