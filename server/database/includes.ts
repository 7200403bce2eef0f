/**
 * Includes: documents that others name by their ids, sent along so that a client need not ask again.
 *
 * A path leads to ids: `Boss`, `Address.City`, `Lines[].Product`; an array of ids counts as all of them, `@metadata.Owner` looks into the
 * user's metadata, and `Owner(people/)` puts a prefix before what it finds, which may then be a number.
 */
import { includePieceBytes } from '#server/limits.ts'
import { numberText, spelledJsOf } from './json/number-text.ts'
import { scanJsonInSteps } from './json/scan.ts'
import type { JsonValue } from './json/value.ts'
import type { DocumentRecord } from './tables.ts'

/** A path, taken apart once for all documents. */
export interface IncludePath {
  /** As it was given, e.g. for `IncludedPaths`. */
  readonly text: string
  readonly steps: readonly string[]
  readonly prefix?: string
}

/** Takes a path apart, in time that grows with its length. */
export function includePath(path: string): IncludePath {
  const open = path.indexOf('(')
  const hasPrefix = open >= 0 && path.endsWith(')')
  const steps = (hasPrefix ? path.slice(0, open) : path).split('.').map(withoutBrackets)
  return hasPrefix ? { text: path, steps, prefix: path.slice(open + 1, -1) } : { text: path, steps }
}

/** `Lines[]` is `Lines`: arrays count as their elements anyway. */
function withoutBrackets(step: string): string {
  let end = step.length
  while (step.endsWith('[]', end)) end -= 2
  return step.slice(0, end)
}

/**
 * Adds the ids that the paths lead to, in the order in which they are found. In steps for `inSlices`, one for each value that is looked
 * at: a caller can name many paths through the same long array.
 */
export function* gatherIncludes(
  record: DocumentRecord,
  paths: readonly IncludePath[],
  ids: Set<string>,
): Generator<number, void> {
  const body = once(() => opened(record.body))
  const metadata = once(() => ({
    '@metadata': opened(Buffer.from(`{${record.metadata.toString('utf8')}}`)),
  }))
  for (const { steps, prefix } of paths) {
    const root = steps[0] === '@metadata' ? metadata() : body()
    yield* follow({ value: root, steps, at: 0 }, (value) => {
      const id = idFrom(value, prefix)
      if (id !== undefined && id !== '') ids.add(id)
    })
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** A text that is too long to be parsed in one go: taken apart level by level, as far as a path leads. */
class LongText {
  readonly #bytes: Buffer
  #root: JsonValue | undefined

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  *root(): Generator<number, JsonValue> {
    this.#root ??= yield* scanJsonInSteps(this.#bytes, 1)
    return this.#root
  }
}

/** The value in a text that was checked when it was stored. */
function opened(bytes: Buffer): unknown {
  return bytes.length > includePieceBytes ? new LongText(bytes) : spelledJsOf(bytes)
}

interface Place {
  readonly value: unknown
  readonly steps: readonly string[]
  /** The step that leads on from here. */
  readonly at: number
}

type Found = (value: unknown) => void

function* follow(place: Place, found: Found): Generator<number, void> {
  const { value, steps, at } = place
  yield 0
  if (value instanceof LongText) return yield* followLong(yield* value.root(), place, found)
  if (Array.isArray(value)) {
    for (const element of value) yield* follow({ value: element, steps, at }, found)
    return
  }
  const step = steps[at]
  if (step === undefined) found(value)
  else if (isObject(value) && Object.hasOwn(value, step))
    yield* follow({ value: value[step], steps, at: at + 1 }, found)
}

function* followLong(root: JsonValue, { steps, at }: Place, found: Found): Generator<number, void> {
  if (root.kind === 'array') {
    for (const { bytes } of root.children) {
      yield bytes.length
      yield* follow({ value: opened(bytes), steps, at }, found)
    }
    return
  }
  const step = steps[at]
  // A long text names no document: ids are short.
  const member = step === undefined ? undefined : root.get(step)
  if (member === undefined) return
  yield member.end - member.start
  yield* follow({ value: opened(member.bytes), steps, at: at + 1 }, found)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function idFrom(value: unknown, prefix: string | undefined): string | undefined {
  if (typeof value === 'string') return (prefix ?? '') + value
  const number = prefix === undefined ? undefined : numberText(value)
  return number === undefined ? undefined : prefix + number
}
