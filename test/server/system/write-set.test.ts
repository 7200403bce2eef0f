import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  applySystemWriteSet,
  recordOf,
  type SystemPut,
  versionOf,
} from '#server/system/write-set.ts'
import { hasCode } from '#shared/errors.ts'
import { mapEngine } from '#test/support/map-engine.ts'

const put = (key: string, text: string, version?: number): SystemPut => ({
  table: 'meta',
  tree: 1,
  key,
  bytes: Buffer.from(text),
  ...(version === undefined ? {} : { version }),
})
const conflict = (error: unknown): boolean => hasCode(error, 'SystemConflict')

function engine() {
  const engine = mapEngine(applySystemWriteSet)
  const get = (key: string) =>
    engine.read((reader) => {
      const value = reader.get(1, key)
      return value && { version: versionOf(value), text: recordOf(value).toString() }
    })
  return { submit: engine.submit, get }
}

test('applySystemWriteSet() gives each record a version and answers with the last', async () => {
  const { submit, get } = engine()
  assert.equal(await submit([put('a', 'one'), put('b', 'two')]), 2)
  assert.deepEqual(get('a'), { version: 1, text: 'one' })
  assert.deepEqual(get('b'), { version: 2, text: 'two' })
})

test('applySystemWriteSet() refuses a version that has moved on, or that is there when none should be', async () => {
  const { submit, get } = engine()
  await submit([put('a', 'one', 0)])
  await assert.rejects(submit([put('a', 'two', 0)]), conflict)
  await assert.rejects(submit([put('a', 'two', 7)]), conflict)
  await submit([put('a', 'two', 1)])
  assert.deepEqual(get('a'), { version: 2, text: 'two' })
})

test('applySystemWriteSet() applies nothing where one version of several is refused', async () => {
  const { submit, get } = engine()
  await submit([put('a', 'one')])
  await assert.rejects(submit([put('b', 'two', 0), put('a', 'three', 9)]), conflict)
  assert.equal(get('b'), undefined)
  assert.deepEqual(get('a'), { version: 1, text: 'one' })
})

test('applySystemWriteSet() checks all versions before it changes anything', async () => {
  const { submit } = engine()
  // Both speak of what is there now, not of what the first one makes.
  assert.equal(await submit([put('a', 'one', 0), put('a', 'two', 0)]), 2)
})

test('applySystemWriteSet() deletes, and a deleted record does not exist', async () => {
  const { submit, get } = engine()
  await submit([put('a', 'one')])
  assert.equal(await submit([{ table: 'meta', tree: 1, key: 'a', version: 1 }]), 2)
  assert.equal(get('a'), undefined)
  await submit([put('a', 'again', 0)])
})
