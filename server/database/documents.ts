/** Reading documents: by id, by prefix of the id, newest first. Everything returned is a copy and stays valid. */
import { text } from '#server/storage/bytes.ts'
import type { Reader } from '#server/storage/engine.types.ts'
import { foldCase } from '#shared/fold-case.ts'
import { idKey } from './ids.ts'
import { type DocumentRecord, documentCodec, trees } from './tables.ts'

/** The document with this id, whatever its case. */
export function document(reader: Reader, id: string): DocumentRecord | undefined {
  return documentAt(reader, idKey(id))
}

/** The document under a key of the documents tree. */
export function documentAt(reader: Reader, key: string): DocumentRecord | undefined {
  const bytes = reader.get(trees.documents, key)
  return bytes === undefined ? undefined : documentCodec.decode(Buffer.from(bytes))
}

/** Its etag alone. */
export function etagOf(reader: Reader, id: string): number | undefined {
  const bytes = reader.get(trees.documents, idKey(id))
  return bytes === undefined ? undefined : documentCodec.etag(bytes)
}

/** Keys of all documents, newest first. */
export function* newestKeys(reader: Reader): IterableIterator<string> {
  for (const { value } of reader.range(trees.etags, { reverse: true })) {
    yield value.toString('latin1')
  }
}

/** Which ids of a prefix are wanted. */
export interface PrefixRequest {
  readonly prefix: string
  /** Patterns for the rest of the id, with `*` and `?`; empty = all. */
  readonly matches: readonly string[]
  readonly exclude: readonly string[]
  /** Begin after this id. */
  readonly startAfter?: string
}

/** Keys of the documents whose ids begin with the prefix, in order of the ids; `undefined` for each that does not fit. */
export function* prefixKeys(
  reader: Reader,
  request: PrefixRequest,
): IterableIterator<string | undefined> {
  const prefix = idKey(request.prefix)
  const wanted = restOfId(request)
  const after = request.startAfter === undefined ? '' : `${idKey(request.startAfter)}\0`
  const [from] = [prefix, after].sort().reverse()
  for (const { key } of reader.range(trees.documents, { from: from ?? prefix })) {
    if (!key.startsWith(prefix)) return
    yield wanted(key, prefix) ? key : undefined
  }
}

/** What `prefixKeys` costs for each key, in the time that reading one takes: each pattern is tried on it. */
export function prefixSteps({ matches, exclude }: PrefixRequest): number {
  const characters = [...matches, ...exclude].reduce((sum, pattern) => sum + pattern.length, 0)
  return 1 + Math.ceil(characters / patternCharactersPerStep)
}

const patternCharactersPerStep = 8

function restOfId({ matches, exclude }: PrefixRequest): (key: string, prefix: string) => boolean {
  if (matches.length === 0 && exclude.length === 0) return () => true
  const wanted = matches.map(foldCase)
  const unwanted = exclude.map(foldCase)
  return (key, prefix) => {
    const rest = text(key.slice(prefix.length))
    if (wanted.length > 0 && !wanted.some((pattern) => fits(pattern, rest))) return false
    return !unwanted.some((pattern) => fits(pattern, rest))
  }
}

/** `*` = any characters, `?` = one. Goes back only to the last `*`, so that no pattern takes long. */
export function fits(pattern: string, subject: string): boolean {
  let [at, mark] = [0, 0]
  let star = -1
  let wanted = 0
  while (at < subject.length) {
    const character = pattern[wanted]
    if (character === '*') {
      star = wanted
      mark = at
      wanted += 1
    } else if (character === '?' || character === subject[at]) {
      wanted += 1
      at += 1
    } else if (star >= 0) {
      wanted = star + 1
      mark += 1
      at = mark
    } else return false
  }
  while (pattern[wanted] === '*') wanted += 1
  return wanted === pattern.length
}
