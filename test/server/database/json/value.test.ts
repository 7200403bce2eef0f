import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scanJson } from '#server/database/json/scan.ts'
import { jsOf } from '#server/database/json/value.ts'

const text = Buffer.from(' {"a\\u0062": 1.10, "ü":"x\\ny", "@m" : {"k":[1,2]} , "n":null} ')
const root = scanJson(text, 2)

test('JsonValue gives members by their unescaped names', () => {
  assert.deepEqual(
    root.children.map((child) => child.key),
    ['ab', 'ü', '@m', 'n'],
  )
  assert.equal(root.get('ab')?.kind, 'number')
  assert.equal(root.get('a\\u0062'), undefined)
  assert.equal(root.get('nosuch'), undefined)
  assert.equal(root.get('@m')?.get('k')?.children.length, 0)
})

test('JsonValue.bytes are those that were written', () => {
  assert.equal(root.get('ab')?.bytes.toString(), '1.10')
  assert.equal(root.get('@m')?.bytes.toString(), '{"k":[1,2]}')
  assert.equal(root.bytes.toString(), text.toString().trim())
  assert.equal(root.get('@m')?.withKey.toString(), '"@m" : {"k":[1,2]}')
})

test('JsonValue.string is the text of strings, and nothing of other kinds', () => {
  assert.equal(root.get('ü')?.string, 'x\ny')
  assert.equal(root.get('ab')?.string, undefined)
  assert.equal(root.get('n')?.string, undefined)
})

test('JsonValue finds every member of any object, as JSON.parse() does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (object) => {
      const scanned = scanJson(Buffer.from(JSON.stringify(object)), 1)
      for (const [key, value] of Object.entries(object)) {
        assert.deepEqual(scanned.get(key)?.toJs(), JSON.parse(JSON.stringify(value)))
      }
    }),
  )
})

test('jsOf() reads a checked text', () =>
  assert.deepEqual(jsOf(Buffer.from('{"Max":3}')), { Max: 3 }))
