/** JSON that has to fit a schema: the door through which texts of files and stores become records. */
import { fits, understood } from '#shared/schema/check.ts'
import type { Static, TSchema } from '#shared/schema/type.ts'

export interface JsonShape<T> {
  /** True for a value of the schema. */
  check(value: unknown): value is T
  /** The record, or undefined where the text is no JSON or does not fit. */
  read(text: string): T | undefined
}

/** The door of a schema. Throws `TypeError` for one that cannot be checked. */
export function jsonShape<const Schema extends TSchema>(schema: Schema): JsonShape<Static<Schema>> {
  understood(schema)
  const check = (value: unknown): value is Static<Schema> => fits(schema, value)
  return {
    check,
    read: (text) => {
      const value = parsed(text)
      return check(value) ? value : undefined
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
