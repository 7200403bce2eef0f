/** What the server store knows of itself. */
import { Type } from 'typebox'
import type { Reader } from '#server/storage/engine.types.ts'
import type { SystemStore } from './system.types.ts'
import { defineSystemTable } from './table.ts'
import { recordOf } from './write-set.ts'

const meta = defineSystemTable(
  'meta',
  Type.Object({
    id: Type.String(),
    /** Folders of databases that this store has no record of, and which were accepted together with an older copy of it. */
    strangers: Type.Optional(Type.Array(Type.String())),
  }),
)
const key = 'store'

/** The id in the store; nothing before a first start has written it. */
export function storedId(system: SystemStore): string | undefined {
  return system.get(meta, key)?.record.id
}

/** Writes the id, once. */
export async function writeStoreId(system: SystemStore): Promise<void> {
  await system.write([{ table: meta, key, record: { id: system.id }, version: 0 }])
}

/** Folders that were accepted, in a store that is not open yet. */
export function strangersKnown(state: Reader): readonly string[] {
  const value = state.get(meta.tree, key)
  return value === undefined ? [] : (meta.decode(recordOf(value)).strangers ?? [])
}

/** Those are known from now on. */
export async function noteStrangers(
  system: SystemStore,
  strangers: readonly string[],
): Promise<void> {
  await system.update(meta, key, (now = { id: system.id }) => ({
    ...now,
    strangers: [...(now.strangers ?? []), ...strangers],
  }))
}
