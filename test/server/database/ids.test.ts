import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkId, checkIdLength, idKey, isBlank, numberedId } from '#server/database/ids.ts'
import { utf8 } from '#server/storage/bytes.ts'
import { foldCase } from '#shared/fold-case.ts'

test('idKey() is the same for every way to write an id in capitals', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (id) => {
      assert.equal(idKey(id), utf8(foldCase(id)))
      assert.equal(idKey(foldCase(id)), idKey(id))
    }),
  )
  assert.equal(idKey('Users/1-A'), idKey('users/1-a'))
  assert.equal(idKey('ÜBER/1'), idKey('über/1'))
})

test('idKey() of a longer id begins with that of its prefix', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (prefix, rest) =>
      assert.ok(idKey(prefix + rest).startsWith(idKey(prefix))),
    ),
  )
})

test('idKey() of half a character is no id that is stored', () => {
  for (const half of ['\ud800', 'a\udc00', '\ud83dx'])
    assert.notEqual(idKey(half), idKey(half.toWellFormed()))
})

test('checkId() takes ids up to 512 bytes', () => {
  for (const id of ['a', 'x'.repeat(512), 'ü'.repeat(256), '日'.repeat(170), 'a\tb\r\n', '😀'])
    checkId(id)
  for (const id of ['x'.repeat(513), 'ü'.repeat(257), '日'.repeat(171)]) {
    assert.throws(() => checkId(id), { code: 'DocumentIdTooLong' })
    assert.throws(() => checkIdLength(id), { code: 'DocumentIdTooLong' })
  }
})

test('checkId() refuses control characters and half characters', () => {
  for (const id of ['a\0b', '\u001f', 'x\u0007']) {
    assert.throws(() => checkId(id), { code: 'DocumentIdHasControlCharacters' })
    checkIdLength(id)
  }
  assert.throws(() => checkId('a\ud800'), { code: 'DocumentIdNotUnicode' })
})

test('numberedId() fills the number up to 19 digits', () => {
  assert.equal(numberedId('orders/', 42), 'orders/0000000000000000042-A')
})

test('isBlank() is true where nothing is said', () => {
  assert.deepEqual(['', ' ', '\t\n', 'a', ' a '].map(isBlank), [true, true, true, false, false])
})
