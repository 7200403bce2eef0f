/**
 * JSON as text, piece by piece: every spelling that the grammar allows, not only the one that `JSON.stringify` would choose.
 * The server keeps the text that came, so the text is what the tests make and compare.
 */
import type { Seeded } from './seeded.ts'

const words =
  'order line customer express parcel blue cotton Zürich København naïve Łódź Ærø straße façade piñata señor'.split(
    ' ',
  )
const scripts = [
  '東京都千代田区',
  'Привет мир',
  'שלום עולם',
  'مرحبا بالعالم',
  'नमस्ते',
  '한국어 텍스트',
  'ไทย',
  'Ελληνικά',
  '👩‍👩‍👧‍👦 family',
  '🏳️‍🌈',
  '𝔘𝔫𝔦𝔠𝔬𝔡𝔢',
  'e\u0301a\u0308o\u0302',
  'x\u200by',
  '\u202eabc\u202c',
  '\u2028\u2029',
  '\ufeffbom',
  '\uffff',
  '\u{10ffff}',
  '\u007f',
] // prettier-ignore
const escapes = [
  '\\"',
  '\\\\',
  '\\/',
  '\\b',
  '\\f',
  '\\n',
  '\\r',
  '\\t',
  '\\u0000',
  '\\u001f',
  '\\u00e9',
  '\\u00E9',
  '\\ud83d\\ude00',
  '\\uD834\\uDD1E',
  '\\u2028',
  '\\u007F',
] // prettier-ignore
const numbers = [
  '0',
  '-0',
  '0.0',
  '-0.0',
  '1',
  '-1',
  '1.10',
  '1.0',
  '1e5',
  '1E5',
  '1e+5',
  '1E-5',
  '-1.5e-10',
  '0.1',
  '0.30000000000000004',
  '100000000000000000000',
  '12345678901234567890',
  '123456789012345678901234567890.123456789',
  '9007199254740993',
  '-9223372036854775808',
  '18446744073709551616',
  '1e308',
  '5e-324',
  '2.50',
  '0.000000000000000000000000000001',
  '3.14159265358979323846264338327950288',
] // prettier-ignore

/** A JSON number, in any spelling. */
export function numberText(random: Seeded): string {
  if (random.chance(0.35)) return random.pick(numbers)
  const whole = String(random.whole(0, 10 ** random.whole(1, 9)))
  return random.chance(0.5) ? whole : `${whole}.${random.whole(0, 99).toString().padStart(2, '0')}`
}

/** A JSON string of about that many characters, quotes and all. */
export function stringText(random: Seeded, characters: number): string {
  let text = ''
  while (text.length < characters) {
    const die = random.real()
    if (die < 0.8) text += `${random.pick(words)} `
    else if (die < 0.92) text += random.pick(scripts)
    else text += random.pick(escapes)
  }
  return `"${text}"`
}

/** White space as the grammar allows it: mostly none, for `odd` documents anything. */
export function spaceText(random: Seeded, odd: boolean): string {
  return odd ? random.pick(['', ' ', '  ', '\n', '\r\n', '\t', '\n    ', ' \t\r\n ']) : ''
}

/** An object's text from members (`"key"` and value texts). */
export function objectText(
  random: Seeded,
  members: readonly (readonly [key: string, value: string])[],
  odd: boolean,
): string {
  const space = (): string => spaceText(random, odd)
  const texts = members.map(
    ([key, value]) => `${space()}${key}${space()}:${space()}${value}${space()}`,
  )
  return `{${texts.length === 0 ? space() : texts.join(',')}}`
}

/** An array's text from the texts of its items. */
export function arrayText(random: Seeded, items: readonly string[], odd: boolean): string {
  const space = (): string => spaceText(random, odd)
  const texts = items.map((item) => `${space()}${item}${space()}`)
  return `[${texts.length === 0 ? space() : texts.join(',')}]`
}
