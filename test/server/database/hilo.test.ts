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

for (const [body, max] of [
  [undefined, 0],
  ['{}', 0],
  ['{"Max":null}', 0],
  ['{"Max":7}', 7],
  ['{"Max":7.0}', 7],
  ['{"Max":1e3}', 1000],
  ['{"Max":9007199254740991}', Number.MAX_SAFE_INTEGER],
] as const) {
  test(`hiloMax() of ${body} is ${max}`, () => {
    assert.equal(hiloMax('users', body === undefined ? undefined : Buffer.from(body)), max)
  })
}

for (const max of ['9007199254740993', '12345678901234567890', '1e400', '1.5', '"7"', '{"a":1}']) {
  test(`hiloMax() refuses ${max}, rather than begin at 1 again`, () => {
    assert.throws(() => hiloMax('users', Buffer.from(`{"Max":${max}}`)), {
      code: 'HiloDocumentInvalid',
    })
  })
}

test('withHiloMax() leaves every other byte of the document', () => {
  const after = (body: string | undefined) =>
    withHiloMax(body === undefined ? undefined : Buffer.from(body), 5).toString()
  assert.equal(after(undefined), '{"Max":5}')
  assert.equal(after('{}'), '{"Max":5}')
  assert.equal(after('{ "a":1.10}'), '{"Max":5, "a":1.10}')
  assert.equal(after('{"Max":1,"a":2}'), '{"Max":5,"a":2}')
  const other = '"big":12345678901234567890,"one":1.0,"deep":{"Max":7}'
  assert.equal(after(`{${other}, "Max" : 1e2 }`), `{${other}, "Max" : 5 }`)
})
