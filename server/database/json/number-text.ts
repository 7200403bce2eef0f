/**
 * Numbers of callers that may become part of an id or a count. JavaScript's own are exact up to 2^53 and forget how they were written
 * (`1.0`, `1e5`); where that matters a number stays the text that it was.
 */

import { databaseErrors } from '../errors.ts'

/** A number whose spelling JavaScript would lose. All others are plain numbers. */
export class NumberText {
  /** As it was written, e.g. `12345678901234567890`. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A checked text as JavaScript has it, with a NumberText for each number that it would write otherwise. */
export function spelledJsOf(text: Buffer): unknown {
  const raw = text.toString('utf8')
  return losesSpelling.test(raw) ? parse(raw, spelled) : parse(raw)
}

/** A checked text as JavaScript has it, of which every number is the one that was written. @throws NumberNotExact */
export function exactJsOf(text: Buffer): unknown {
  const raw = text.toString('utf8')
  if (!losesSpelling.test(raw)) return parse(raw)
  return parse(raw, (_key, value, { source = '' }) => {
    if (typeof value !== 'number' || isExact(source)) return value
    throw databaseErrors.NumberNotExact(source.slice(0, literalCharactersShown))
  })
}

const literalCharactersShown = 40

/** What a number must have in it to be written otherwise by JavaScript. It may also stand in a text, which only costs time. */
const losesSpelling = /\d[.eE]|\d{16}|-0/

/** The third argument of a reviver, with the source of a value, is younger than the types of JSON. */
const parse = JSON.parse as (
  text: string,
  reviver?: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown

function spelled(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined) return value
  return numberOrText(source)
}

/** The number of a literal such as `-1.50e3`, or its text where JavaScript would write another one. */
export function numberOrText(literal: string): number | NumberText {
  const value = Number(literal)
  return String(value) === literal ? value : new NumberText(literal)
}

/** The text of a number; undefined for anything else. */
export function numberText(value: unknown): string | undefined {
  if (value instanceof NumberText) return value.text
  return typeof value === 'number' ? String(value) : undefined
}

/** The value of a whole number up to 2^53 whatever its spelling (`5`, `5.0`, `1e3`); undefined for anything else. */
export function wholeOf(value: unknown): number | undefined {
  const text = numberText(value)
  if (text === undefined) return undefined
  const number = Number(text)
  return Number.isSafeInteger(number) && isExact(text) ? number : undefined
}

/** True where JavaScript's number is the one that was written. */
export function isExact(literal: string): boolean {
  return canonical(literal) === canonical(String(Number(literal)))
}

/** Significant digits and exponent: the same for all spellings of one number. `Infinity` has none. */
function canonical(literal: string): string | undefined {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e')
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.')
  const digits = whole + fraction
  if (digits === '' || !isDigit(digits.charCodeAt(0))) return undefined
  let [first, last] = [0, digits.length]
  while (digits.charAt(first) === '0') first += 1
  while (last > first && digits.charAt(last - 1) === '0') last -= 1
  if (first === last) return '0'
  const power = Number(exponent) - fraction.length + (digits.length - last)
  return `${sign}${digits.slice(first, last)}e${power}`
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}
