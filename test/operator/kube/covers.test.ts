import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { covers } from '#operator/kube/covers.ts'

test('covers() looks only at fields that are wanted', () => {
  const cases: [present: unknown, wanted: unknown, expected: boolean][] = [
    [{ a: 1, b: 2 }, { a: 1 }, true],
    [{ a: 1 }, { a: 2 }, false],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }, true],
    [{ a: [{ n: 1, d: 'x' }] }, { a: [{ n: 1 }] }, true],
    [{ a: [1, 2] }, { a: [1] }, false],
    [{ a: [2, 1] }, { a: [1, 2] }, false],
    [{ a: 'x' }, { a: ['x'] }, false],
    [{ a: ['x'] }, { a: { 0: 'x' } }, true],
    [{}, { a: { b: 1 } }, false],
    [undefined, { a: 1 }, false],
    [{ a: null }, { a: null }, true],
    [{ a: null }, { a: {} }, false],
    [{ a: 1 }, { a: '1' }, false],
    [{ a: 0 }, { a: false }, false],
  ]
  for (const [present, wanted, expected] of cases)
    assert.equal(covers(present, wanted), expected, JSON.stringify([present, wanted]))
})

test('covers() takes what the API server leaves out for empty', () => {
  const cases: [present: unknown, wanted: unknown, expected: boolean][] = [
    [{}, { a: {} }, true],
    [{}, { a: [] }, true],
    [{}, { a: { b: [], c: {} } }, true],
    [{}, { a: { b: undefined } }, true],
    [undefined, {}, true],
    [undefined, [], true],
    [{}, { a: [1] }, false],
    [{ a: [1] }, { a: [] }, false],
  ]
  for (const [present, wanted, expected] of cases)
    assert.equal(covers(present, wanted), expected, JSON.stringify([present, wanted]))
})

test('covers() compares quantities by what they mean, and only where quantities stand', () => {
  const resources = (cpu: string, memory: string) => ({ requests: { cpu, memory } })
  assert.ok(covers(resources('1', '1Gi'), resources('1000m', '1024Mi')))
  assert.ok(!covers(resources('1', '1Gi'), resources('1', '1G')))
  assert.ok(!covers(resources('1', '1Gi'), { limits: { cpu: '1' } }))
  assert.ok(covers({ emptyDir: { sizeLimit: '1Gi' } }, { emptyDir: { sizeLimit: '1024Mi' } }))
  assert.ok(!covers({ a: '1' }, { a: '1000m' }), 'a text is a text')
  assert.ok(!covers({ requests: 'none' }, { requests: { cpu: '1' } }))
})

const anything = fc.object({
  maxDepth: 4,
  values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)],
})

test('covers() holds of everything and itself, and of a copy with more in it', () => {
  fc.assert(
    fc.property(anything, fc.string(), (value, text) => {
      assert.ok(covers(value, value))
      assert.ok(covers({ ...value, [`added ${text}`]: 1 }, value))
    }),
  )
})

test('covers() notices each change of a text, wherever it is', () => {
  const leaves = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.string(), { minKeys: 1 })
  fc.assert(
    fc.property(leaves, fc.nat(), (value, pick) => {
      const keys = Object.keys(value)
      const key = keys[pick % keys.length] ?? ''
      const changed = { ...value, [key]: `${value[key]}!` }
      assert.ok(!covers({ spec: [changed] }, { spec: [value] }))
    }),
  )
})
