import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDigit, isEscape, isHex, validUtf8Bytes } from '#server/database/json/characters.ts'

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
