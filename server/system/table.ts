/** Tables of the server store: one tree and one schema each. */
import assert from 'node:assert/strict'
import type { Static, TSchema } from 'typebox'
import { jsonShape } from '#shared/contract/json.ts'
import { systemErrors } from './errors.ts'
import type { SystemTable } from './system.types.ts'

/** Tree number of every table, in one place: a number is bound into sealed pages and never used for something else. */
export const systemTrees = {
  meta: 1,
  databases: 2,
  secrets: 3,
  anchors: 4,
  requests: 5,
  certificates: 6,
  clientAuthority: 7,
  audit: 8,
  serverAuthority: 9,
  member: 10,
} as const

/** A table whose records are JSON of that schema: checked when they are written and when they are read. */
export function defineSystemTable<const Schema extends TSchema>(
  name: keyof typeof systemTrees,
  schema: Schema,
): SystemTable<Static<Schema>> {
  const shape = jsonShape(schema)
  return {
    name,
    tree: systemTrees[name],
    encode: (record) => {
      // A record that does not fit its schema here was built wrongly by us.
      assert(shape.check(record), `not a record of table "${name}"`)
      return Buffer.from(JSON.stringify(record))
    },
    decode: (bytes) => {
      const record = shape.read(bytes.toString('utf8'))
      if (record === undefined) throw systemErrors.SystemRecordDamaged(name)
      return record
    },
  }
}
