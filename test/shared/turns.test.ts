import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Turns } from '#shared/turns.ts'

test('Turns lets the work on one key run one after the other, in order', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const work = (name: string, ms: number) => async () => {
    seen.push(`${name} begins`)
    await wait(ms)
    seen.push(`${name} ends`)
  }
  await Promise.all([turns.take('a', work('first', 5)), turns.take('a', work('second', 0))])
  assert.deepEqual(seen, ['first begins', 'first ends', 'second begins', 'second ends'])
})

test('Turns lets other keys go on', async () => {
  const turns = new Turns()
  let finish = (): void => undefined
  const long = turns.take('a', () => new Promise<void>((resolve) => (finish = resolve)))
  assert.equal(await turns.take('b', async () => 'done'), 'done')
  finish()
  await long
})

test('Turns goes on after work that failed, and tells only its own caller', async () => {
  const turns = new Turns()
  const failing = turns.take('a', async () => {
    throw new RangeError('no')
  })
  const next = turns.take('a', async () => 1)
  await assert.rejects(failing, RangeError)
  assert.equal(await next, 1)
})

test('Turns.idle() waits for all work, also for what was added meanwhile', async () => {
  const turns = new Turns()
  let done = 0
  const work = async () => {
    await wait(2)
    done += 1
  }
  const taken = [turns.take('a', work), turns.take('b', work), turns.take('a', work)]
  taken.push(turns.take('a', () => turns.take('c', work)))
  await turns.idle()
  assert.equal(done, 4)
  await Promise.all(taken)
  await turns.idle()
})
