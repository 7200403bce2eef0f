/**
 * The state of the JSON scanner: where it is, which lists are open, what may come next. Nothing of it is on the stack, so that a scan stops
 * anywhere, in the middle of a string too, and goes on later.
 */
import assert from 'node:assert/strict'
import { jsonDepthMax, jsonNameBytesMax, jsonNumberBytesMax } from '#server/limits.ts'
import { databaseErrors } from '../errors.ts'
import { isDigit, isEscape, isHex, numberEnd } from './characters.ts'
import { Names, type OpenObject } from './names.ts'
import { type JsonKind, JsonValue } from './value.ts'

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const brace = 0x7b
const closingBrace = 0x7d
const bracket = 0x5b
const closingBracket = 0x5d

/** What comes next, white space aside. */
type Expected = 'value' | 'first-element' | 'name' | 'first-name' | 'colon' | 'after' | 'end'

/** A list that is open: an object or an array. */
interface OpenList {
  readonly isObject: boolean
  readonly start: number
  readonly keyStart: number
  readonly keyEnd: number
  /** Where its children are kept, and nothing below the levels that are. */
  readonly children: JsonValue[] | undefined
  readonly names: OpenObject | undefined
}

/** Goes through the text as far as it is told, and goes on from there the next time. */
export class Scanner {
  readonly #text: Buffer
  readonly #kept: number
  readonly #valuesMax: number
  readonly #names: Names
  readonly #open: OpenList[] = []
  #expected: Expected = 'value'
  #at = 0
  /** Beginning of the string that the last slice ended in. */
  #stringStart: number | undefined
  #hasEscape = false
  #isEnded = false
  /** Place of the name of the member whose value comes. */
  #keyStart = 0
  #keyEnd = 0
  /** How many values were kept. */
  #values = 0
  #root: JsonValue | undefined

  /** `kept`: levels below the root. `valuesMax`: values that are kept, and names of wide objects that are held. */
  constructor(text: Buffer, kept: number, valuesMax: number) {
    this.#text = text
    this.#kept = kept
    this.#valuesMax = valuesMax
    this.#names = new Names(text, valuesMax)
  }

  /** Goes on until about that byte. True at the end of the text. */
  advance(limit: number): boolean {
    let isStopped = false
    while (!isStopped && (this.#at < limit || limit >= this.#text.length)) {
      isStopped = this.#stringStart === undefined ? !this.#token(limit) : !this.#string(limit)
      if (this.#isEnded) return true
    }
    return false
  }

  /** False where the limit, or the end of the text, came before it. */
  #token(limit: number): boolean {
    if (!this.#space(limit)) return false
    if (this.#expected === 'end') this.#end()
    else this.#next()
    return true
  }

  root(): JsonValue {
    assert(this.#root !== undefined, 'the root is kept once the end is reached')
    return this.#root
  }

  #end(): void {
    if (this.#at < this.#text.length) throw this.#invalid('more text after the end of the value')
    this.#isEnded = true
  }

  #next(): void {
    const expected = this.#expected
    const byte = this.#text[this.#at]
    if (expected === 'after') this.#after()
    else if (expected === 'name') this.#name()
    else if (expected === 'colon') this.#colon()
    else if (expected === 'first-name' && byte !== closingBrace) this.#name()
    else if (expected === 'value' || (expected === 'first-element' && byte !== closingBracket))
      this.#value()
    else this.#close()
  }

  /** A string only begins here: it may be longer than a slice. */
  #value(): void {
    const first = this.#text[this.#at]
    if (first === quote) this.#stringStart = this.#at
    else if (first === brace || first === bracket) this.#begin(first === brace)
    else {
      const start = this.#at
      this.#done(this.#scalar(first), start)
    }
  }

  #begin(isObject: boolean): void {
    const level = this.#open.length
    if (level >= jsonDepthMax) throw databaseErrors.JsonTooDeep(this.#at, jsonDepthMax)
    this.#open.push({
      isObject,
      start: this.#at,
      keyStart: this.#keyStart,
      keyEnd: this.#keyEnd,
      children: level < this.#kept ? [] : undefined,
      names: isObject ? this.#names.begin() : undefined,
    })
    this.#at += 1
    this.#expected = isObject ? 'first-name' : 'first-element'
    this.#keyStart = 0
    this.#keyEnd = 0
  }

  #close(): void {
    const list = this.#open.pop()
    assert(list !== undefined, 'only an open list is closed')
    if (list.names !== undefined) this.#names.end(list.names)
    this.#at += 1
    this.#keyStart = list.keyStart
    this.#keyEnd = list.keyEnd
    this.#done(list.isObject ? 'object' : 'array', list.start, list.children)
  }

  /** A value has ended. */
  #done(kind: JsonKind, start: number, children?: JsonValue[]): void {
    const level = this.#open.length
    if (level <= this.#kept) this.#keep(kind, start, children)
    this.#expected = level === 0 ? 'end' : 'after'
    this.#keyStart = 0
    this.#keyEnd = 0
  }

  #keep(kind: JsonKind, start: number, children: JsonValue[] | undefined): void {
    this.#values += 1
    if (this.#values > this.#valuesMax) throw databaseErrors.JsonTooWide(start, this.#valuesMax)
    const place = { kind, start, end: this.#at, keyStart: this.#keyStart, keyEnd: this.#keyEnd }
    const value = new JsonValue(this.#text, place, children)
    const parent = this.#open.at(-1)
    if (parent === undefined) this.#root = value
    else parent.children?.push(value)
  }

  /** After a value: a comma promises another one. */
  #after(): void {
    const isObject = this.#open.at(-1)?.isObject === true
    const byte = this.#text[this.#at]
    if (byte === comma) {
      this.#at += 1
      this.#expected = isObject ? 'name' : 'value'
    } else if (byte === (isObject ? closingBrace : closingBracket)) this.#close()
    else {
      const list = isObject ? 'object' : 'array'
      throw this.#invalid(`neither a comma nor the end of the ${list}`)
    }
  }

  #name(): void {
    if (this.#text[this.#at] !== quote) throw this.#invalid('no name of a member')
    this.#stringStart = this.#at
  }

  /** Walks over a string, or as much of it as there is up to the limit; false where more of it has to come. */
  #string(limit: number): boolean {
    const start = this.#stringStart ?? 0
    this.#at = Math.max(this.#at, start + 1)
    const end = Math.min(limit, this.#text.length)
    do this.#plainCharacters(end)
    while (this.#text[this.#at] === backslash && this.#escape())
    if (this.#at < this.#text.length && this.#at >= limit) return false
    if (this.#text[this.#at] !== quote)
      throw this.#invalid('a control character, or no end of the string')
    this.#at += 1
    this.#stringStart = undefined
    this.#stringEnded(start)
    return true
  }

  /** Up to what is none of a string's plain characters, or to the end. */
  #plainCharacters(end: number): void {
    const text = this.#text
    let at = this.#at
    while (at < end) {
      const byte = text[at] ?? 0
      if (byte === quote || byte === backslash || byte < 0x20) break
      at += 1
    }
    this.#at = at
  }

  #stringEnded(start: number): void {
    const hasEscape = this.#hasEscape
    this.#hasEscape = false
    if (this.#expected === 'name' || this.#expected === 'first-name')
      this.#named(start, this.#at - 1, hasEscape)
    else this.#done('string', start)
  }

  #named(start: number, end: number, hasEscape: boolean): void {
    if (end - start - 1 > jsonNameBytesMax)
      throw databaseErrors.JsonNameTooLong(start, jsonNameBytesMax)
    const names = this.#open.at(-1)?.names
    assert(names !== undefined, 'names stand in objects')
    this.#names.add(names, start + 1, end, hasEscape)
    this.#keyStart = start + 1
    this.#keyEnd = end
    this.#expected = 'colon'
  }

  #colon(): void {
    if (this.#text[this.#at] !== colon) throw this.#invalid('no colon after the name of a member')
    this.#at += 1
    this.#expected = 'value'
  }

  /** Steps over the escape that begins here. Always true. */
  #escape(): boolean {
    const at = this.#at
    this.#hasEscape = true
    const byte = this.#text[at + 1] ?? 0
    if (byte === 0x75) {
      for (let digit = at + 2; digit < at + 6; digit++) {
        if (isHex(this.#text[digit] ?? 0)) continue
        this.#at = digit
        throw this.#invalid('an escape without four hexadecimal digits')
      }
      this.#at = at + 6
    } else if (isEscape(byte)) this.#at = at + 2
    else throw this.#invalid('an unknown escape')
    return true
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
    const end = numberEnd(this.#text, this.#at, jsonNumberBytesMax)
    if (end < 0) {
      this.#at = ~end
      throw this.#invalid('no digit')
    }
    if (end - this.#at > jsonNumberBytesMax)
      throw databaseErrors.JsonNumberTooLong(this.#at, jsonNumberBytesMax)
    this.#at = end
    return 'number'
  }

  /** False where the limit came before the end of the white space. */
  #space(limit: number): boolean {
    let at = this.#at
    let byte = this.#text[at]
    while ((byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) && at < limit) {
      at += 1
      byte = this.#text[at]
    }
    this.#at = at
    return at < limit || at >= this.#text.length
  }

  #invalid(found: string): Error {
    return databaseErrors.JsonInvalid(this.#at, found)
  }
}
