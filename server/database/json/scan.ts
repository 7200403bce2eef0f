/**
 * The one JSON scanner: strict RFC 8259 over bytes. It accepts a text or throws a coded 400 that names the byte, and keeps the places
 * of the values that its caller will cut out. It builds no objects of the content: a text is checked once and stays as it is.
 *
 * Decided here: any spelling of a number is kept (`1.10`, twenty digits, `1e400`); an escaped lone surrogate (`"\ud800"`) is accepted, since
 * RFC 8259 allows it and the text is stored as written; a byte order mark, trailing bytes, duplicate names (compared unescaped) and
 * invalid UTF-8 are refused; nesting is bounded.
 */

import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { jsonDepthMax, jsonValuesMax } from '#server/limits.ts'
import { databaseErrors } from '../errors.ts'
import { isDigit, isEscape, isHex, validUtf8Bytes } from './characters.ts'
import { Names, type OpenObject } from './names.ts'
import { type JsonKind, type JsonPlace, JsonValue } from './value.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const brace = 0x7b
const closingBrace = 0x7d
const bracket = 0x5b
const closingBracket = 0x5d
const noKey = { keyStart: 0, keyEnd: 0 }

/**
 * Checks a whole text and returns its root. `depth`: how many levels below the root are kept as `children`; deeper values are
 * checked and forgotten. Throws JsonInvalid, JsonNotUtf8, JsonDuplicateName, JsonTooDeep, JsonTooWide.
 */
export function scanJson(text: Buffer, depth: number): JsonValue {
  if (!isUtf8(text)) throw databaseErrors.JsonNotUtf8(validUtf8Bytes(text))
  return new Scanner(text, depth).root()
}

/**
 * The same in steps, for `inSlices`: yields the bytes of each element of an array that is a member of the root. The text must stay as
 * it is until the end, which returns the root.
 */
export function scanJsonInSteps(text: Buffer, depth: number): Generator<number, JsonValue> {
  if (!isUtf8(text)) throw databaseErrors.JsonNotUtf8(validUtf8Bytes(text))
  return new Scanner(text, depth).steps()
}

/** The same for a text that must be an object, as all bodies are. */
export function scanJsonObject(text: Buffer, depth: number): JsonValue {
  const root = scanJson(text, depth)
  if (root.kind !== 'object') throw databaseErrors.JsonNotAnObject(root.kind)
  return root
}

class Scanner {
  readonly #text: Buffer
  readonly #kept: number
  readonly #names: Names
  #at = 0
  /** How many values were kept. */
  #values = 0

  constructor(text: Buffer, kept: number) {
    this.#text = text
    this.#kept = kept
    this.#names = new Names(text)
  }

  root(): JsonValue {
    this.#space()
    return this.#ended(this.#value(0, 0, 0))
  }

  *steps(): Generator<number, JsonValue> {
    this.#space()
    const start = this.#at
    if (this.#text[start] !== brace || this.#kept === 0) return this.root()
    const children: JsonValue[] = []
    this.#at += 1
    yield* this.#memberSteps(children)
    return this.#ended(this.#keep({ kind: 'object', start, end: this.#at, ...noKey }, children))
  }

  *#memberSteps(children: JsonValue[]): Generator<number, void> {
    this.#space()
    if (this.#took(closingBrace)) return
    const names = this.#names.begin()
    do {
      const keyStart = this.#name(names)
      const keyEnd = this.#at - 1
      this.#colon()
      const value =
        this.#text[this.#at] === bracket
          ? yield* this.#elementSteps(keyStart, keyEnd)
          : this.#value(1, keyStart, keyEnd)
      if (value !== undefined) children.push(value)
    } while (this.#goesOn(closingBrace))
    this.#names.end(names)
  }

  *#elementSteps(keyStart: number, keyEnd: number): Generator<number, JsonValue> {
    const start = this.#at
    const children: JsonValue[] | undefined = this.#kept > 1 ? [] : undefined
    this.#at += 1
    this.#space()
    if (!this.#took(closingBracket)) {
      do {
        const from = this.#at
        const value = this.#value(2, 0, 0)
        if (value !== undefined) children?.push(value)
        yield this.#at - from
      } while (this.#goesOn(closingBracket))
    }
    return this.#keep({ kind: 'array', start, end: this.#at, keyStart, keyEnd }, children)
  }

  #ended(root: JsonValue | undefined): JsonValue {
    this.#space()
    if (this.#at < this.#text.length) throw this.#invalid('more text after the end of the value')
    assert(root !== undefined, 'the root is always kept')
    return root
  }

  /** Undefined below the levels that are kept. */
  #value(level: number, keyStart: number, keyEnd: number): JsonValue | undefined {
    const start = this.#at
    const first = this.#text[start]
    const children: JsonValue[] | undefined = level < this.#kept ? [] : undefined
    let kind: JsonKind
    if (first === quote) {
      kind = 'string'
      this.#string()
    } else if (first === brace || first === bracket) {
      kind = this.#nested(first, level, children)
    } else {
      kind = this.#scalar(first)
    }
    if (level > this.#kept) return undefined
    return this.#keep({ kind, start, end: this.#at, keyStart, keyEnd }, children)
  }

  #keep(place: JsonPlace, children: JsonValue[] | undefined): JsonValue {
    this.#values += 1
    if (this.#values > jsonValuesMax) throw databaseErrors.JsonTooWide(place.start, jsonValuesMax)
    return new JsonValue(this.#text, place, children)
  }

  #nested(first: number, level: number, children: JsonValue[] | undefined): JsonKind {
    if (level >= jsonDepthMax) throw databaseErrors.JsonTooDeep(this.#at, jsonDepthMax)
    this.#at += 1
    if (first === brace) {
      this.#members(level + 1, children)
      return 'object'
    }
    this.#elements(level + 1, children)
    return 'array'
  }

  #members(level: number, children: JsonValue[] | undefined): void {
    this.#space()
    if (this.#took(closingBrace)) return
    const names = this.#names.begin()
    do {
      const keyStart = this.#name(names)
      const keyEnd = this.#at - 1
      this.#colon()
      const value = this.#value(level, keyStart, keyEnd)
      if (value !== undefined) children?.push(value)
    } while (this.#goesOn(closingBrace))
    this.#names.end(names)
  }

  /** Where the name begins; it ends before the quote behind which we stand then. */
  #name(names: OpenObject): number {
    if (this.#text[this.#at] !== quote) throw this.#invalid('no name of a member')
    const start = this.#at + 1
    const escaped = this.#string()
    this.#names.add(names, start, this.#at - 1, escaped)
    return start
  }

  #colon(): void {
    this.#space()
    if (!this.#took(colon)) throw this.#invalid('no colon after the name of a member')
    this.#space()
  }

  #elements(level: number, children: JsonValue[] | undefined): void {
    this.#space()
    if (this.#took(closingBracket)) return
    do {
      const value = this.#value(level, 0, 0)
      if (value !== undefined) children?.push(value)
    } while (this.#goesOn(closingBracket))
  }

  /** After a value: true where a comma promises another one, false behind the end of the list. */
  #goesOn(end: number): boolean {
    this.#space()
    if (this.#took(comma)) {
      this.#space()
      return true
    }
    if (this.#took(end)) return false
    const list = end === closingBrace ? 'object' : 'array'
    throw this.#invalid(`neither a comma nor the end of the ${list}`)
  }

  /** Walks over a string; true where it holds an escape. */
  #string(): boolean {
    const text = this.#text
    let at = this.#at + 1
    let escaped = false
    for (;;) {
      const byte = text[at] ?? 0
      if (byte === quote) break
      if (byte === backslash) {
        escaped = true
        at = this.#escape(at)
      } else if (byte < 0x20) {
        this.#at = at
        throw this.#invalid('a control character, or no end of the string')
      } else at += 1
    }
    this.#at = at + 1
    return escaped
  }

  /** Byte after the escape that begins at `at`. */
  #escape(at: number): number {
    const byte = this.#text[at + 1] ?? 0
    if (byte === 0x75) {
      for (let digit = at + 2; digit < at + 6; digit++) {
        if (isHex(this.#text[digit] ?? 0)) continue
        this.#at = digit
        throw this.#invalid('an escape without four hexadecimal digits')
      }
      return at + 6
    }
    if (isEscape(byte)) return at + 2
    this.#at = at
    throw this.#invalid('an unknown escape')
  }

  #scalar(first: number | undefined): JsonKind {
    if (first === 0x74) return this.#word('true', 'true')
    if (first === 0x66) return this.#word('false', 'false')
    if (first === 0x6e) return this.#word('null', 'null')
    if (first === 0x2d || isDigit(first ?? 0)) return this.#number()
    throw this.#invalid(first === undefined ? 'the end of the text' : 'no JSON value')
  }

  #word(word: string, kind: JsonKind): JsonKind {
    for (let index = 0; index < word.length; index++) {
      if (this.#text[this.#at + index] !== word.charCodeAt(index))
        throw this.#invalid('no JSON value')
    }
    this.#at += word.length
    return kind
  }

  #number(): JsonKind {
    const text = this.#text
    let at = this.#at
    if (text[at] === 0x2d) at += 1
    at = text[at] === 0x30 ? at + 1 : this.#digits(at)
    if (text[at] === 0x2e) at = this.#digits(at + 1)
    if (((text[at] ?? 0) | 0x20) === 0x65) {
      const sign = text[at + 1]
      at = this.#digits(sign === 0x2b || sign === 0x2d ? at + 2 : at + 1)
    }
    this.#at = at
    return 'number'
  }

  /** Byte after the digits that begin at `start`; there must be one. */
  #digits(start: number): number {
    let at = start
    while (isDigit(this.#text[at] ?? 0)) at += 1
    if (at > start) return at
    this.#at = at
    throw this.#invalid('no digit')
  }

  #space(): void {
    let byte = this.#text[this.#at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      this.#at += 1
      byte = this.#text[this.#at]
    }
  }

  #took(byte: number): boolean {
    if (this.#text[this.#at] !== byte) return false
    this.#at += 1
    return true
  }

  #invalid(found: string): Error {
    return databaseErrors.JsonInvalid(this.#at, found)
  }
}
