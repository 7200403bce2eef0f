import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isDigit,
  isEscape,
  isHex,
  numberEnd,
  validUtf8Bytes,
} from '#server/database/json/characters.ts'

const bytes = Array.from({ length: 256 }, (_, byte) => byte)
const those = (is: (byte: number) => boolean) => Buffer.from(bytes.filter(is)).toString('latin1')

test('isDigit(), isHex() and isEscape() know their bytes and no others', () => {
  assert.equal(those(isDigit), '0123456789')
  assert.equal(those(isHex), '0123456789ABCDEFabcdef')
  assert.equal(those(isEscape), '"/\\bfnrtu'.replace('u', ''))
})

test('validUtf8Bytes() ends before the first character that is none', () => {
  const whole = Buffer.from('aé€😀')
  assert.equal(validUtf8Bytes(whole), whole.length)
  for (const [length, valid] of [
    [2, 1],
    [4, 3],
    [9, 6],
  ] as const)
    assert.equal(validUtf8Bytes(whole.subarray(0, length)), valid)
})

test('numberEnd() ends behind a number, or tells where a digit is missing', () => {
  for (const [text, end] of [
    ['0]', 1],
    ['-12.50e+3,', 9],
    ['01', 1],
    ['-', ~1],
    ['1.x', ~2],
    ['1e+', ~3],
    ['12345', 4],
  ] as const)
    assert.equal(numberEnd(Buffer.from(text), 0, 3), end, text)
})
