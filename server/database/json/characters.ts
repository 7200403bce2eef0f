/** Bytes that JSON knows by name, and where UTF-8 ends. */
import { isUtf8 } from 'node:buffer'

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

export function isHex(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

/** One of `"` `\` `/` `b` `f` `n` `r` `t`. */
export function isEscape(byte: number): boolean {
  switch (byte) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return true
    default:
      return false
  }
}

/**
 * Byte after the number that begins at `start`; the complement (`~at`) of the place where a digit is missing. Stops where one of its parts
 * is longer than `digitsMax`.
 */
export function numberEnd(text: Buffer, start: number, digitsMax: number): number {
  const whole = text[start] === 0x2d ? start + 1 : start
  let at = text[whole] === 0x30 ? whole + 1 : digitsEnd(text, whole, digitsMax)
  if (at >= 0 && text[at] === 0x2e) at = digitsEnd(text, at + 1, digitsMax)
  if (at < 0 || ((text[at] ?? 0) | 0x20) !== 0x65) return at
  const sign = text[at + 1]
  return digitsEnd(text, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1, digitsMax)
}

function digitsEnd(text: Buffer, start: number, digitsMax: number): number {
  const most = start + digitsMax + 1
  let at = start
  while (at < most && isDigit(text[at] ?? 0)) at += 1
  return at > start ? at : ~start
}

/** How many bytes from the beginning are valid: the position to name. Halving works because a prefix cut inside a character is valid up to 3 bytes before. */
export function validUtf8Bytes(text: Buffer): number {
  const borders = (length: number) =>
    [0, 1, 2, 3].map((back) => length - back).find((at) => at >= 0 && isUtf8(text.subarray(0, at)))
  let [good, bad] = [0, text.length + 4]
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1
    if (middle <= text.length && borders(middle) !== undefined) good = middle
    else bad = middle
  }
  return borders(good) ?? 0
}
