/**
 * Loading by ids: what a session asks for most. The answer is put together from stored bytes; nothing is parsed but for includes. Each
 * document is there once however often it is named, and no more of them is held at once than `loadHeldBytesMax`.
 */
import { loadHeldBytesMax, loadIdsMax } from '#server/limits.ts'
import type { Reader } from '#server/storage/engine.types.ts'
import { changeVector, hashOf } from './change-vector.ts'
import { document, documentAt } from './documents.ts'
import { databaseErrors } from './errors.ts'
import { idKey } from './ids.ts'
import { gatherIncludes, includePath } from './includes.ts'
import { joinDocument, joinMetadata, joinNamed } from './metadata.ts'
import { inSlices, Slices } from './slices.ts'
import type { DocumentRecord } from './tables.ts'

export interface LoadRequest {
  readonly ids: readonly string[]
  /** Paths to ids; see `includes.ts`. */
  readonly includes: readonly string[]
  readonly metadataOnly: boolean
}

/** Nothing under the only id; nothing new since the version that the caller has; or the answer in pieces. */
export type Loaded =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'found'; readonly etag: string; readonly body: LoadedBody }

/** Pieces that are ready, or a stream that goes on reading: it must be read to its end or returned before its reader is released. */
export type LoadedBody = readonly Buffer[] | AsyncGenerator<Buffer>

/** One id and no includes: the hot path, without a turn of the loop. `known`: the version that the caller has. */
export function loadOne(
  reader: Reader,
  request: LoadRequest,
  { databaseId, known }: { readonly databaseId: string; readonly known: string | undefined },
): Loaded {
  const record = document(reader, request.ids[0] ?? '')
  if (record === undefined) return { kind: 'missing' }
  const etag = changeVector(record.etag, databaseId)
  if (etag === known) return { kind: 'unchanged' }
  const join = request.metadataOnly ? joinMetadata : joinDocument
  return { kind: 'found', etag, body: [head, join(record, databaseId), tail] }
}

const head = Buffer.from('{"Results":[')
const tail = Buffer.from('],"Includes":{}}')

/** Any number of ids, with includes. */
export async function loadMany(
  reader: Reader,
  request: LoadRequest,
  { databaseId, known }: { readonly databaseId: string; readonly known: string | undefined },
): Promise<Loaded> {
  const held = new Held(reader)
  const named = new Set<string>()
  const found = await held.look(request.ids, (record) => gather(record, request, named))
  if (found.length === 1 && found[0]?.etag === undefined) return { kind: 'missing' }
  if (named.size > loadIdsMax)
    throw databaseErrors.LoadTooLarge('documents to include', named.size, loadIdsMax)
  const asked = new Set(found.map(({ key }) => key))
  const included = (await held.look(named)).filter(
    ({ key, etag }) => etag !== undefined && !asked.has(key),
  )
  const etag = etagOfAll(found, included, databaseId)
  if (etag === known) return { kind: 'unchanged' }
  const join = request.metadataOnly ? joinMetadata : joinDocument
  const text = (write: typeof joinDocument) => (place: Place) => {
    const record = place.etag === undefined ? undefined : held.record(place)
    return record === undefined ? nullBytes : write(record, databaseId)
  }
  const body = pieces(found, text(join), included, text(joinNamed))
  return { kind: 'found', etag, body: held.isComplete ? [...body] : streamed(body) }
}

function gather(
  record: DocumentRecord,
  request: LoadRequest,
  named: Set<string>,
): Promise<void> | undefined {
  if (request.includes.length === 0) return undefined
  return inSlices(gatherIncludes(record, request.includes.map(includePath), named))
}

/** A document that was looked for; its etag where it is there. */
interface Place {
  readonly key: string
  readonly etag: number | undefined
}

/** The documents of an answer: the first of them kept, the others read again when they are sent. */
class Held {
  readonly #reader: Reader
  readonly #records = new Map<string, DocumentRecord>()
  #bytes = 0
  #isComplete = true

  constructor(reader: Reader) {
    this.#reader = reader
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Each id once, in order. */
  async look(
    ids: Iterable<string>,
    use: (record: DocumentRecord) => Promise<void> | undefined = () => undefined,
  ): Promise<Place[]> {
    const slices = new Slices()
    const places: Place[] = []
    for (const key of new Set(keysOf(ids))) {
      const record = this.#records.get(key) ?? documentAt(this.#reader, key)
      places.push({ key, etag: record?.etag })
      const full = slices.done(record?.body.length ?? 0)
      if (full !== undefined) await full
      if (record === undefined) continue
      this.#keep(key, record)
      const using = use(record)
      if (using !== undefined) await using
    }
    return places
  }

  record({ key }: Place): DocumentRecord | undefined {
    return this.#records.get(key) ?? documentAt(this.#reader, key)
  }

  #keep(key: string, record: DocumentRecord): void {
    if (this.#records.has(key)) return
    this.#bytes += record.body.length + record.metadata.length
    if (this.#bytes > loadHeldBytesMax && this.#records.size > 0) this.#isComplete = false
    else this.#records.set(key, record)
  }
}

function* keysOf(ids: Iterable<string>): IterableIterator<string> {
  for (const id of ids) yield idKey(id)
}

function etagOfAll(found: readonly Place[], included: readonly Place[], databaseId: string) {
  const [only] = found
  if (found.length === 1 && included.length === 0 && only?.etag !== undefined)
    return changeVector(only.etag, databaseId)
  return hashOf(
    [...found, ...included].map(({ etag }) => etag),
    databaseId,
  )
}

type Text = (place: Place) => Buffer

// biome-ignore lint/complexity/useMaxParams: two lists, each with how it is written
function* pieces(
  found: readonly Place[],
  result: Text,
  included: readonly Place[],
  include: Text,
): Generator<Buffer> {
  yield head
  yield* separated(found, result)
  yield includesHead
  yield* separated(included, include)
  yield ending
}

async function* streamed(body: Iterable<Buffer>): AsyncGenerator<Buffer> {
  const slices = new Slices()
  for (const piece of body) {
    yield piece
    const full = slices.done(piece.length)
    if (full !== undefined) await full
  }
}

const nullBytes = Buffer.from('null')
const comma = Buffer.from(',')
const includesHead = Buffer.from('],"Includes":{')
const ending = Buffer.from('}}')

function* separated(places: readonly Place[], text: Text): Generator<Buffer> {
  for (const [index, place] of places.entries()) {
    if (index > 0) yield comma
    yield text(place)
  }
}
