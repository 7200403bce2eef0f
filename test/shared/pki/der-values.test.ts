import assert from 'node:assert/strict'
import { test } from 'node:test'
import { integerOfBytes, time, truth, utf8 } from '#shared/pki/der-values.ts'

const hex = (bytes: Buffer): string => bytes.toString('hex')

test('integerOfBytes() keeps a number positive whose first bit is set', () => {
  assert.equal(hex(integerOfBytes(Buffer.from('7f00', 'hex'))), '02027f00')
  assert.equal(hex(integerOfBytes(Buffer.from('8000', 'hex'))), '0203008000')
})

test('truth() and utf8() write what the standard shows', () => {
  assert.equal(hex(truth()), '0101ff')
  assert.equal(hex(utf8('ä')), '0c02c3a4')
})

test('time() changes its form in 2050, and writes whole seconds of UTC', () => {
  const text = (year: number, ms = 0): string =>
    time(Date.UTC(year, 0, 2, 3, 4, 5, ms)).toString('latin1')
  assert.equal(text(1950), '\x17\x0d500102030405Z')
  assert.equal(text(2026, 999), '\x17\x0d260102030405Z')
  assert.equal(text(2049), '\x17\x0d490102030405Z')
  assert.equal(text(2050), '\x18\x0f20500102030405Z')
  assert.equal(text(1949), '\x18\x0f19490102030405Z')
})
