import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hiloMax, maxAfterReturn, nextRange, withHiloMax } from '#server/database/hilo.ts'
import { hiloRangeMax } from '#server/limits.ts'

const now = Date.UTC(2026, 0, 1)

function range(more: { lastSize?: number; secondsAgo?: number; lastMax?: number }, max = 0) {
  const { lastSize = 0, secondsAgo, lastMax = 0 } = more
  const at = secondsAgo === undefined ? {} : { lastRangeAt: now - secondsAgo * 1000 }
  const command = { kind: 'hilo-next', tag: 'users', lastSize, lastMax, ...at } as const
  const { low, high } = nextRange(command, max, now)
  return [low, high]
}

test('nextRange() begins after the highest number that anybody knows', () => {
  assert.deepEqual(range({}), [1, 32])
  assert.deepEqual(range({}, 64), [65, 96])
  assert.deepEqual(range({ lastMax: 1000 }, 64), [1001, 1032])
})

test('nextRange() gives more to who is quick and less to who is slow', () => {
  assert.deepEqual(range({ lastSize: 64, secondsAgo: 5 }), [1, 128])
  assert.deepEqual(range({ lastSize: 64, secondsAgo: 45 }), [1, 64])
  assert.deepEqual(range({ lastSize: 128, secondsAgo: 90 }), [1, 64])
  assert.deepEqual(range({ lastSize: 32, secondsAgo: 900 }), [1, 32])
  assert.deepEqual(range({ lastSize: 64 }), [1, 64])
  assert.deepEqual(range({ lastSize: -5, secondsAgo: 1 }), [1, 32])
  assert.deepEqual(range({ lastSize: 10 ** 12, secondsAgo: 1 }), [1, hiloRangeMax])
})

test('nextRange() stops before numbers that clients cannot hold', () => {
  assert.throws(() => range({ lastMax: Number.MAX_SAFE_INTEGER - 1 }), { code: 'NumbersExhausted' })
})

test('maxAfterReturn() takes back only the end of the last range', () => {
  const back = (last: number, end: number, max: number) =>
    maxAfterReturn({ kind: 'hilo-return', tag: 'users', last, end }, max)
  assert.equal(back(40, 64, 64), 40)
  assert.equal(back(5, 32, 64), undefined)
  assert.equal(back(64, 64, 64), undefined)
  assert.equal(back(70, 64, 64), undefined)
})

test('hiloMax() reads what a client may have written', () => {
  for (const [body, max] of [
    ['{"Max":7}', 7],
    ['{"Max":"7"}', 0],
    ['{"Max":1.5}', 0],
    ['{}', 0],
  ] as const) {
    assert.equal(hiloMax(Buffer.from(body)), max)
  }
  assert.equal(hiloMax(undefined), 0)
})

test('withHiloMax() leaves the other members', () => {
  assert.equal(withHiloMax(undefined, 5).toString(), '{"Max":5}')
  assert.equal(withHiloMax(Buffer.from('{"Max":1,"a":2}'), 5).toString(), '{"Max":5,"a":2}')
})
