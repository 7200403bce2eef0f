import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  composedDatabaseName,
  databaseKey,
  databaseNameObjection,
  databaseNamePattern,
  deviceNamePattern,
} from '#shared/database-name.ts'

test('databaseKey() is the same for names that differ in case only', () => {
  assert.equal(databaseKey('ORDERS'), databaseKey('orders'))
  assert.equal(databaseKey('Ä'), databaseKey('ä'))
  assert.notEqual(databaseKey('a'), databaseKey('b'))
})

test('databaseKey() tells names apart that RavenDB tells apart', () => {
  assert.notEqual(databaseKey('ΟΔΟΣ'), databaseKey('οδος'))
  assert.equal(databaseKey('ΟΔΟΣ'), databaseKey('οδοσ'))
  assert.notEqual(databaseKey('MÜŞTERİ'), databaseKey('müşteri'))
})

test('databaseKey() is the same for two ways to type one name', () => {
  assert.equal(databaseKey('Cafe\u0301'), databaseKey('CAFÉ'))
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (name) => {
      assert.equal(databaseKey(name), databaseKey(composedDatabaseName(name)))
      assert.equal(databaseKey(name.normalize('NFD')), databaseKey(name))
    }),
  )
})

test('databaseNameObjection() takes letters of all writing systems with their marks', () => {
  for (const name of ['हिन्दी', 'MÜŞTERİ', 'ΟΔΟΣ', '日本語', 'עברית', 'ไทย', 'a٣'])
    assert.equal(databaseNameObjection(name), undefined, name)
})

test('databaseNameObjection() says what is wrong', () => {
  assert.equal(databaseNameObjection(' '), 'it is empty')
  assert.equal(databaseNameObjection('x'.repeat(129)), 'it has more than 128 characters')
  assert.match(databaseNameObjection('a b') ?? '', /^only letters/)
  assert.match(databaseNameObjection('a..b') ?? '', /stands in it/)
  assert.match(databaseNameObjection('COM1') ?? '', /device on Windows/)
  assert.match(databaseNameObjection('SYSTEM') ?? '', /server store/)
})

test('databaseNameObjection() objects to a name exactly where the patterns for schemas do', () => {
  const pattern = new RegExp(databaseNamePattern, 'u')
  const device = new RegExp(deviceNamePattern)
  const unit = fc.constantFrom(...'aZ_-..9 /ä\n', 'con', 'LPT1', 'system', 'ि', '²')
  const name = fc.array(unit, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(name, (text) => {
      const lower = text.toLowerCase()
      const isTaken = pattern.test(text) && !device.test(lower) && lower !== 'system'
      assert.equal(databaseNameObjection(text) === undefined, isTaken, JSON.stringify(text))
    }),
    { seed: 13 },
  )
})
