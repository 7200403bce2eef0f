import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkedDatabaseName } from '#server/system/database-name.ts'
import { hasCode } from '#shared/errors.ts'

const good = [
  'orders',
  'Mixed.Case',
  '-a',
  '_a',
  'a.b-c_d',
  'ä',
  'Ωmega',
  '数据库',
  '1',
  'a'.repeat(128),
  'constant',
  'systems',
  'हिन्दी',
]
for (const name of good) {
  test(`checkedDatabaseName() takes ${name.slice(0, 20)}`, () => {
    assert.equal(checkedDatabaseName(name), name)
  })
}

const bad = [
  '',
  ' ',
  'a b',
  'a/b',
  'a\\b',
  'a*b',
  'a$b',
  'a:b',
  '.',
  '..',
  '...',
  '.a',
  'a.',
  'a..b',
  '../a',
  'con',
  'CON',
  'nul.txt',
  'com1',
  'LPT9.log',
  'System',
  'SYSTEM',
  'a\0b',
  'a\nb',
  'a\u200bb',
  '😀',
  'a'.repeat(129),
  '‮a',
]
for (const name of bad) {
  test(`checkedDatabaseName() refuses ${JSON.stringify(name.slice(0, 20))}`, () => {
    const refused = (error: unknown): boolean => hasCode(error, 'DatabaseNameInvalid')
    assert.throws(() => checkedDatabaseName(name), refused)
  })
}

test('checkedDatabaseName() keeps the composed form of what looks the same', () => {
  assert.equal(checkedDatabaseName('a\u0308'), '\u00e4')
})

test('checkedDatabaseName() lets nothing through that a path could be made of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (name) => {
      let checked: string
      try {
        checked = checkedDatabaseName(name)
      } catch (error) {
        assert.ok(hasCode(error, 'DatabaseNameInvalid'))
        return
      }
      assert.doesNotMatch(checked, /[/\\:\0\s]|\.\.|^\.|\.$/)
    }),
  )
})
