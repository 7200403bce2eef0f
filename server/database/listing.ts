/** Long lists of documents as a stream: read while it is sent, from one view of the store, with turns for others in between. */
import type { Reader } from '#server/storage/engine.types.ts'
import { documentAt } from './documents.ts'
import { Slices } from './slices.ts'
import type { DocumentRecord } from './tables.ts'

export interface Page {
  readonly start: number
  readonly pageSize: number
}

/**
 * The documents of a page of keys. Nothing for a negative start or size, as in RavenDB. A key that is `undefined` was passed over by
 * whoever walks, and took `stepsPerKey` as every other.
 */
export async function* pageOf(
  reader: Reader,
  keys: Iterable<string | undefined>,
  { start, pageSize, stepsPerKey = 1 }: Page & { readonly stepsPerKey?: number },
): AsyncGenerator<DocumentRecord> {
  if (start < 0 || pageSize <= 0) return
  const slices = new Slices()
  let at = 0
  for (const key of keys) {
    const record = at < start ? undefined : documentOf(reader, key)
    if (record !== undefined) yield record
    await slices.done(sizeOf(record), stepsPerKey)
    at += Number(key !== undefined)
    if (at - start >= pageSize) return
  }
}

function sizeOf(record: DocumentRecord | undefined): number {
  return record?.body.length ?? 0
}

function documentOf(reader: Reader, key: string | undefined): DocumentRecord | undefined {
  return key === undefined ? undefined : documentAt(reader, key)
}

/** `before`, the texts with commas between, `after`. */
export async function* joined(
  before: string,
  texts: AsyncIterable<Buffer>,
  after: string,
): AsyncGenerator<Buffer> {
  yield Buffer.from(before)
  let first = true
  for await (const text of texts) {
    if (!first) yield comma
    first = false
    yield text
  }
  yield Buffer.from(after)
}

const comma = Buffer.from(',')

/** Each record as a text. */
export async function* rendered(
  records: AsyncIterable<DocumentRecord>,
  render: (record: DocumentRecord) => Buffer,
): AsyncGenerator<Buffer> {
  for await (const record of records) yield render(record)
}
