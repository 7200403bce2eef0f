/** Loading by ids: what a session asks for most. The answer is put together from stored bytes; nothing is parsed but for includes. */
import { loadIdsMax } from '#server/limits.ts'
import type { Reader } from '#server/storage/engine.types.ts'
import { changeVector, hashOf } from './change-vector.ts'
import { document } from './documents.ts'
import { databaseErrors } from './errors.ts'
import { gatherIncludes, includePath } from './includes.ts'
import { joinDocument, joinMetadata, joinNamed } from './metadata.ts'
import { Slices } from './slices.ts'
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
  | { readonly kind: 'found'; readonly etag: string; readonly body: readonly Buffer[] }

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
  const found = await readAll(reader, request.ids)
  if (request.ids.length === 1 && found[0] === undefined) return { kind: 'missing' }
  const included = await readIncludes(reader, request, found)
  const etag = etagOfAll(found, included, databaseId)
  if (etag === known) return { kind: 'unchanged' }
  const join = request.metadataOnly ? joinMetadata : joinDocument
  const results = found.map((record) =>
    record === undefined ? nullBytes : join(record, databaseId),
  )
  const body = [head, ...separated(results), ...includesText(included, databaseId)]
  return { kind: 'found', etag, body }
}

async function readAll(
  reader: Reader,
  ids: Iterable<string>,
): Promise<(DocumentRecord | undefined)[]> {
  const slices = new Slices()
  const records: (DocumentRecord | undefined)[] = []
  for (const id of ids) {
    const record = document(reader, id)
    records.push(record)
    await slices.done(record?.body.length ?? 0)
  }
  return records
}

/** Documents that the found ones name, each once, without those that were asked for anyway. */
async function readIncludes(
  reader: Reader,
  request: LoadRequest,
  found: readonly (DocumentRecord | undefined)[],
): Promise<DocumentRecord[]> {
  if (request.includes.length === 0) return []
  const paths = request.includes.map(includePath)
  const ids = new Set<string>()
  for (const record of found) if (record !== undefined) gatherIncludes(record, paths, ids)
  if (ids.size > loadIdsMax)
    throw databaseErrors.LoadTooLarge('documents to include', ids.size, loadIdsMax)
  return onceEach(await readAll(reader, ids), found)
}

function onceEach(
  records: readonly (DocumentRecord | undefined)[],
  others: readonly (DocumentRecord | undefined)[],
): DocumentRecord[] {
  const seen = new Set(others.map((record) => record?.etag))
  return records.filter((record): record is DocumentRecord => {
    if (record === undefined || seen.has(record.etag)) return false
    seen.add(record.etag)
    return true
  })
}

function etagOfAll(
  found: readonly (DocumentRecord | undefined)[],
  included: readonly DocumentRecord[],
  databaseId: string,
): string {
  const [only] = found
  if (found.length === 1 && included.length === 0 && only !== undefined)
    return changeVector(only.etag, databaseId)
  return hashOf(
    [...found, ...included].map((record) => record?.etag),
    databaseId,
  )
}

/** `],"Includes":{…}}`. */
function includesText(included: readonly DocumentRecord[], databaseId: string): Buffer[] {
  const members = included.map((record) => joinNamed(record, databaseId))
  return [Buffer.from('],"Includes":{'), ...separated(members), Buffer.from('}}')]
}

const nullBytes = Buffer.from('null')
const comma = Buffer.from(',')

function separated(pieces: readonly Buffer[]): Buffer[] {
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [comma, piece]))
}
