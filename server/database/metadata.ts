/**
 * `@metadata` is taken out of a document when it is stored and put back when it is read, with what only the server knows.
 *
 * Everything else of a document stays byte for byte as it came; `@metadata` becomes its last member. Keys that the server makes
 * are dropped when a client sends them back, also `@flags` and the lists of attachments, counters and time series, which state what the
 * server stores and would be lies if a client could write them.
 */

import { documentIdBytesMax, jsonValuesMax } from '#server/limits.ts'
import { ravenDate } from '#shared/clock.ts'
import { changeVector } from './change-vector.ts'
import { databaseErrors } from './errors.ts'
import { scanJsonObjectInSteps } from './json/scan.ts'
import type { JsonValue } from './json/value.ts'
import type { DocumentRecord } from './tables.ts'

/** Collection of documents that name none. */
export const emptyCollection = '@empty'

const serverKeys: ReadonlySet<string> = new Set([
  '@id',
  '@change-vector',
  '@last-modified',
  '@flags',
  '@attachments',
  '@counters',
  '@timeseries',
  '@index-score',
])

/** A document taken apart for storing. */
export interface DocumentText {
  /** Name of its collection. */
  readonly collection: string
  readonly metadata: Buffer
  readonly body: Buffer
  readonly bodyIsEmpty: boolean
}

/** Checks the document and takes it apart, in steps for `inSlices`; parts are views of the text where nothing had to be cut. */
export function* splitDocument(text: Buffer): Generator<number, DocumentText> {
  const document = yield* scanJsonObjectInSteps(text, 1, jsonValuesMax)
  const members = document.children
  const metadata = document.get('@metadata')
  if (metadata === undefined) {
    return {
      collection: emptyCollection,
      metadata: Buffer.alloc(0),
      body: document.bytes,
      bodyIsEmpty: members.length === 0,
    }
  }
  if (metadata.kind !== 'object') throw databaseErrors.MetadataNotAnObject(metadata.kind)
  const inside = yield* scanJsonObjectInSteps(metadata.bytes, 1)
  return {
    collection: collectionOf(inside),
    metadata: userMembers(inside),
    body: without(document, members.indexOf(metadata)),
    bodyIsEmpty: members.length === 1,
  }
}

/** Anything but a text that says something counts as none, as in RavenDB. */
function collectionOf(metadata: JsonValue): string {
  const name = metadata.get('@collection')?.string
  if (name === undefined || name === '') return emptyCollection
  if (Buffer.byteLength(name) > documentIdBytesMax || !name.isWellFormed())
    throw databaseErrors.CollectionNameInvalid(documentIdBytesMax)
  return name
}

function userMembers(metadata: JsonValue): Buffer {
  const pieces: Buffer[] = []
  for (const member of metadata.children) {
    if (serverKeys.has(member.key)) continue
    if (pieces.length > 0) pieces.push(commaBytes)
    pieces.push(member.withKey)
  }
  return Buffer.concat(pieces)
}

const commaBytes = Buffer.from(',')

/** The text of an object without one of its members, the comma that went with it and the space beside them. */
function without(object: JsonValue, index: number): Buffer {
  const [before, member, after] = [-1, 0, 1].map((step) => object.children[index + step])
  if (member === undefined) return object.bytes
  const text = object.bytes
  const from = (before?.end ?? object.start + 1) - object.start
  const isFirst = before === undefined && after !== undefined
  const to = isFirst ? after.keyStart - 1 : member.end
  return Buffer.concat([text.subarray(0, from), afterSpace(text.subarray(to - object.start))])
}

function afterSpace(text: Buffer): Buffer {
  let at = 0
  while ((text[at] ?? 0x21) <= 0x20) at += 1
  return text.subarray(at)
}

/** What a reader gets: the stored text with `@metadata` as its last member. */
export function joinDocument(record: DocumentRecord, databaseId: string): Buffer {
  const { body, metadata } = record
  const head = record.bodyIsEmpty ? '"@metadata":{' : ',"@metadata":{'
  return assemble({
    body: body.subarray(0, body.length - 1),
    head,
    metadata,
    tail: tailOf(record, databaseId),
  })
}

/** The same with `@metadata` alone. */
export function joinMetadata(record: DocumentRecord, databaseId: string): Buffer {
  return assemble({
    body: Buffer.alloc(0),
    head: '{"@metadata":{',
    metadata: record.metadata,
    tail: tailOf(record, databaseId),
  })
}

/** The document as a member of `Includes`, under the id as the document has it. */
export function joinNamed(record: DocumentRecord, databaseId: string): Buffer {
  const name = Buffer.from(`${JSON.stringify(record.id)}:`)
  return Buffer.concat([name, joinDocument(record, databaseId)])
}

function tailOf(record: DocumentRecord, databaseId: string): string {
  const comma = record.metadata.length > 0 ? ',' : ''
  const version = changeVector(record.etag, databaseId)
  return `${comma}"@change-vector":"${version}","@id":${JSON.stringify(record.id)},"@last-modified":"${ravenDate(record.lastModified)}"}}`
}

interface Parts {
  readonly body: Buffer
  readonly head: string
  readonly metadata: Buffer
  readonly tail: string
}

/** One allocation for the whole. */
function assemble({ body, head, metadata, tail }: Parts): Buffer {
  const size = body.length + head.length + metadata.length + Buffer.byteLength(tail)
  const bytes = Buffer.allocUnsafe(size)
  bytes.set(body, 0)
  bytes.write(head, body.length, 'latin1')
  bytes.set(metadata, body.length + head.length)
  bytes.write(tail, body.length + head.length + metadata.length, 'utf8')
  return bytes
}
