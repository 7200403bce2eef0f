/**
 * The trees of a database and what stands in them. Numbers are bound into the pages on disk: they are never changed nor reused.
 *
 * | tree | key | value |
 * |---|---|---|
 * | documents | id in lower case | record of the document |
 * | etags | etag | key of the document that has it |
 * | collectionEtags | collection number, etag | key of the document |
 * | collectionNumbers | collection name in lower case | its number |
 * | collections | collection number | name as first written, counts, last change |
 * | tombstones | id in lower case | etag of the deletion, collection, time, id as it was |
 * | tombstoneEtags | etag | key of the tombstone |
 * | identities | prefix with its bar, in lower case | value, prefix as first written |
 */
import type { TreeId } from '#server/storage/engine.types.ts'

export const trees = Object.freeze({
  documents: 1,
  etags: 2,
  collectionEtags: 3,
  collectionNumbers: 4,
  collections: 5,
  tombstones: 6,
  tombstoneEtags: 7,
  identities: 8,
}) satisfies Readonly<Record<string, TreeId>>

const documentFormat = 1
/** Format, flags, etag, time, collection, length of the id, length of the metadata. */
const documentHeadBytes = 1 + 1 + 8 + 8 + 4 + 2 + 4
const hasNoMembers = 1

/** How the records of a tree become bytes and back. */
export interface Codec<T> {
  readonly encode: (record: T) => Buffer
  readonly decode: (bytes: Buffer) => T
}

/** A document as it is kept. */
export interface DocumentRecord {
  /** As it was given when it was last written. */
  readonly id: string
  readonly etag: number
  /** Milliseconds since 1970. */
  readonly lastModified: number
  /** Number of its collection. */
  readonly collection: number
  /** Members of `@metadata` that are the user's, as written, without the braces. */
  readonly metadata: Buffer
  /** The document as written, without `@metadata` and the space around it; begins and ends with a brace. */
  readonly body: Buffer
  /** True where `body` has no members, so that nothing needs a comma after it. */
  readonly bodyIsEmpty: boolean
}

/** The parts of a decoded document are views: decode a copy where they are to be kept. */
export const documentCodec = {
  encode: encodeDocument,
  decode: decodeDocument,
  /** The etag alone, without decoding the record. */
  etag: documentEtag,
  /** The number of the collection alone. */
  collection: documentCollection,
}

function encodeDocument(record: DocumentRecord): Buffer {
  const idBytes = Buffer.byteLength(record.id)
  const { metadata, body } = record
  const bytes = Buffer.allocUnsafe(documentHeadBytes + idBytes + metadata.length + body.length)
  bytes[0] = documentFormat
  bytes[1] = record.bodyIsEmpty ? hasNoMembers : 0
  writeNumber(bytes, record.etag, 2)
  writeNumber(bytes, record.lastModified, 10)
  bytes.writeUInt32BE(record.collection, 18)
  bytes.writeUInt16BE(idBytes, 22)
  bytes.writeUInt32BE(metadata.length, 24)
  bytes.write(record.id, documentHeadBytes, 'utf8')
  bytes.set(metadata, documentHeadBytes + idBytes)
  bytes.set(body, documentHeadBytes + idBytes + metadata.length)
  return bytes
}

function decodeDocument(bytes: Buffer): DocumentRecord {
  const idEnd = documentHeadBytes + bytes.readUInt16BE(22)
  const metadataEnd = idEnd + bytes.readUInt32BE(24)
  return {
    id: bytes.toString('utf8', documentHeadBytes, idEnd),
    etag: documentEtag(bytes),
    lastModified: readNumber(bytes, 10),
    collection: documentCollection(bytes),
    metadata: bytes.subarray(idEnd, metadataEnd),
    body: bytes.subarray(metadataEnd),
    bodyIsEmpty: (bytes[1] ?? 0) === hasNoMembers,
  }
}

function documentEtag(bytes: Buffer): number {
  return readNumber(bytes, 2)
}

function documentCollection(bytes: Buffer): number {
  return bytes.readUInt32BE(18)
}

export interface CollectionRecord {
  /** As the first document of it wrote it. */
  readonly name: string
  readonly documents: number
  readonly tombstones: number
  /** Etag of its last put or delete. */
  readonly lastEtag: number
}

export const collectionCodec: Codec<CollectionRecord> = {
  encode: encodeCollection,
  decode: decodeCollection,
}

function encodeCollection(record: CollectionRecord): Buffer {
  const bytes = Buffer.allocUnsafe(24 + Buffer.byteLength(record.name))
  writeNumber(bytes, record.documents, 0)
  writeNumber(bytes, record.tombstones, 8)
  writeNumber(bytes, record.lastEtag, 16)
  bytes.write(record.name, 24, 'utf8')
  return bytes
}

function decodeCollection(bytes: Buffer): CollectionRecord {
  return {
    documents: readNumber(bytes, 0),
    tombstones: readNumber(bytes, 8),
    lastEtag: readNumber(bytes, 16),
    name: bytes.toString('utf8', 24),
  }
}

export interface TombstoneRecord {
  readonly etag: number
  readonly deletedAt: number
  readonly collection: number
  readonly id: string
}

export const tombstoneCodec: Codec<TombstoneRecord> = {
  encode: encodeTombstone,
  decode: decodeTombstone,
}

function encodeTombstone(record: TombstoneRecord): Buffer {
  const bytes = Buffer.allocUnsafe(20 + Buffer.byteLength(record.id))
  writeNumber(bytes, record.etag, 0)
  writeNumber(bytes, record.deletedAt, 8)
  bytes.writeUInt32BE(record.collection, 16)
  bytes.write(record.id, 20, 'utf8')
  return bytes
}

function decodeTombstone(bytes: Buffer): TombstoneRecord {
  return {
    etag: readNumber(bytes, 0),
    deletedAt: readNumber(bytes, 8),
    collection: bytes.readUInt32BE(16),
    id: bytes.toString('utf8', 20),
  }
}

export interface IdentityRecord {
  readonly value: number
  /** With its bar, as first written: `users|`. */
  readonly name: string
}

export const identityCodec: Codec<IdentityRecord> = {
  encode: encodeIdentity,
  decode: decodeIdentity,
}

function encodeIdentity(record: IdentityRecord): Buffer {
  const bytes = Buffer.allocUnsafe(8 + Buffer.byteLength(record.name))
  writeNumber(bytes, record.value, 0)
  bytes.write(record.name, 8, 'utf8')
  return bytes
}

function decodeIdentity(bytes: Buffer): IdentityRecord {
  return { value: readNumber(bytes, 0), name: bytes.toString('utf8', 8) }
}

/** Four bytes, big-endian: the number of a collection as a key. */
export function collectionKey(collection: number): string {
  return String.fromCharCode(
    (collection >>> 24) & 0xff,
    (collection >>> 16) & 0xff,
    (collection >>> 8) & 0xff,
    collection & 0xff,
  )
}

/** The number of a collection under its name. */
export const collectionNumberCodec: Codec<number> = {
  encode: encodeCollectionNumber,
  decode: decodeCollectionNumber,
}

function encodeCollectionNumber(collection: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(collection)
  return bytes
}

function decodeCollectionNumber(bytes: Buffer): number {
  return bytes.readUInt32BE(0)
}

/** Whole numbers up to 2^53, also negative ones, as a double: exact, and quicker than a big integer. */
function writeNumber(bytes: Buffer, value: number, offset: number): void {
  bytes.writeDoubleBE(value, offset)
}

function readNumber(bytes: Buffer, offset: number): number {
  return bytes.readDoubleBE(offset)
}
