/**
 * The one JSON scanner: strict RFC 8259 over bytes. It accepts a text or throws a coded 400 that names the byte, and keeps the places
 * of the values that its caller will cut out. It builds no objects of the content: a text is checked once and stays as it is.
 *
 * Decided here: any spelling of a number is kept (`1.10`, twenty digits, `1e400`); an escaped lone surrogate (`"\ud800"`) is accepted, since
 * RFC 8259 allows it and the text is stored as written; a byte order mark, trailing bytes, duplicate names (compared unescaped) and
 * invalid UTF-8 are refused; nesting is bounded.
 */

import { isUtf8 } from 'node:buffer'
import { jsonValuesMax, sliceBytes, smallJsonValuesMax } from '#server/limits.ts'
import { databaseErrors } from '../errors.ts'
import { validUtf8Bytes } from './characters.ts'
import { Scanner } from './scan-state.ts'
import type { JsonValue } from './value.ts'

/**
 * Checks a whole text and returns its root. `depth`: how many levels below the root are kept as `children`; deeper values are
 * checked and forgotten. Throws JsonInvalid, JsonNotUtf8, JsonDuplicateName, JsonTooDeep, JsonTooWide. For texts that are short:
 * whoever takes long ones from outside does it in steps. `valuesMax`: how many values are kept, and names held.
 */
export function scanJson(text: Buffer, depth: number, valuesMax = jsonValuesMax): JsonValue {
  const work = scanJsonInSteps(text, depth, valuesMax)
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value
}

/** The same in steps, for `inSlices`: yields the bytes it went through. The text must stay as it is until the end, which returns the root. */
export function* scanJsonInSteps(
  text: Buffer,
  depth: number,
  valuesMax = jsonValuesMax,
): Generator<number, JsonValue> {
  yield* checkUtf8(text)
  const scanner = new Scanner(text, depth, valuesMax)
  // Where every second byte is a value that is kept, a scan takes several times as long as a copy.
  for (let limit = scanBytes; !scanner.advance(limit); limit += scanBytes) yield sliceBytes
  return scanner.root()
}

/** The same for a short text that must be an object, with no more in it than `smallJsonValuesMax`. */
export function scanJsonObject(text: Buffer, depth: number): JsonValue {
  return demandObject(scanJson(text, depth, smallJsonValuesMax))
}

/** The same in steps. */
export function* scanJsonObjectInSteps(
  text: Buffer,
  depth: number,
  valuesMax = smallJsonValuesMax,
): Generator<number, JsonValue> {
  return demandObject(yield* scanJsonInSteps(text, depth, valuesMax))
}

function demandObject(root: JsonValue): JsonValue {
  if (root.kind !== 'object') throw databaseErrors.JsonNotAnObject(root.kind)
  return root
}

/** Piece by piece, each up to the beginning of a character. */
function* checkUtf8(text: Buffer): Generator<number, void> {
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + utf8PieceBytes, text.length)
    for (let back = 0; back < 3 && ((text[to] ?? 0) & 0xc0) === 0x80; back += 1) to -= 1
    const piece = text.subarray(from, to)
    if (!isUtf8(piece)) throw databaseErrors.JsonNotUtf8(from + validUtf8Bytes(piece))
    // Native code goes through this about ten times as fast as the scanner through the rest.
    if (to < text.length) yield Math.ceil((to - from) / 8)
    from = to
  }
}

const utf8PieceBytes = 1024 * 1024
const scanBytes = sliceBytes / 4
