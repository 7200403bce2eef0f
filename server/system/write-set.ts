/** What a change of the server store is on its way to the engine, and how it is applied: the same on every member. */

import { type ByteString, readUint64, text, uint64 } from '#server/storage/bytes.ts'
import type { Reader, Writer } from '#server/storage/engine.types.ts'
import { systemErrors } from './errors.ts'

/** One put (`bytes`) or delete (none) of a record. */
export interface SystemPut {
  readonly table: string
  readonly tree: number
  readonly key: ByteString
  readonly bytes?: Buffer
  /** The version that the record must have now; 0 = it must not exist. */
  readonly version?: number
}

export type SystemWriteSet = readonly SystemPut[]

/** Applies all or nothing; the result is the index of the write. @throws SystemConflict */
export function* applySystemWriteSet(
  writer: Writer,
  writeSet: SystemWriteSet,
): Generator<undefined, number> {
  for (const put of writeSet) requireVersion(writer, put)
  for (const put of writeSet) {
    const version = writer.nextEtag()
    if (put.bytes === undefined) writer.delete(put.tree, put.key)
    else writer.put(put.tree, put.key, stored(version, put.bytes))
    yield
  }
  return writer.lastEtag
}

/** A stored record: its version in eight bytes, then its own bytes. */
export function versionOf(value: Buffer): number {
  return readUint64(value.toString('latin1', 0, versionBytes))
}

/** The record's own bytes, a view. */
export function recordOf(value: Buffer): Buffer {
  return value.subarray(versionBytes)
}

const versionBytes = 8

function stored(version: number, record: Buffer): Buffer {
  return Buffer.concat([Buffer.from(uint64(version), 'latin1'), record])
}

function requireVersion(reader: Reader, { table, tree, key, version }: SystemPut): void {
  if (version === undefined) return
  const value = reader.get(tree, key)
  const now = value === undefined ? 0 : versionOf(value)
  if (now !== version) throw systemErrors.SystemConflict(`"${text(key)}" of ${table}`, version, now)
}
