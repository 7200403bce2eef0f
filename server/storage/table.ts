/** Tables: a tree with typed keys and records. */
import type { KeyCodec } from './codec.ts'
import type { Range, Reader, TreeId, Writer } from './engine.types.ts'

/** What a table is. */
export interface TableShape<Key extends readonly unknown[], Record> {
  /** Never reused for something else. */
  readonly tree: TreeId
  readonly key: KeyCodec<Key>
  readonly encode: (record: Record) => Uint8Array
  /** The Buffer is a view that must not be written to. */
  readonly decode: (bytes: Buffer) => Record
}

export interface Row<Key, Record> {
  readonly key: Key
  readonly record: Record
}

export interface Table<Key extends readonly unknown[], Record> extends TableShape<Key, Record> {
  get(reader: Reader, ...key: Key): Record | undefined
  /** In key order. `range` comes from `key.under(…)` or `prefixRange`. */
  rows(reader: Reader, range?: Range): IterableIterator<Row<Key, Record>>
  count(reader: Reader): number
  put(writer: Writer, row: Row<Key, Record>): void
  /** False where it was not there. */
  delete(writer: Writer, ...key: Key): boolean
}

/** A table over its tree. */
export function defineTable<Key extends readonly unknown[], Record>(
  shape: TableShape<Key, Record>,
): Table<Key, Record> {
  const { tree, key: codec, encode, decode } = shape
  return {
    ...shape,
    get: (reader, ...key) => {
      const bytes = reader.get(tree, codec.encode(...key))
      return bytes === undefined ? undefined : decode(bytes)
    },
    *rows(reader, range) {
      for (const { key, value } of reader.range(tree, range))
        yield { key: codec.decode(key), record: decode(value) }
    },
    count: (reader) => reader.count(tree),
    put: (writer, { key, record }) => writer.put(tree, codec.encode(...key), encode(record)),
    delete: (writer, ...key) => writer.delete(tree, codec.encode(...key)),
  }
}
