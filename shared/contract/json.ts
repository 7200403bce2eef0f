/** JSON that has to fit a schema: the door through which texts of files and stores become records. */
import { fits, understood, withoutNulls } from '#shared/schema/check.ts'
import type { Static, TSchema } from '#shared/schema/type.ts'

export interface JsonShape<T> {
  /** True for a value of the schema. */
  check(value: unknown): value is T
  /** The record, or undefined where the text is no JSON or does not fit. */
  read(text: string): T | undefined
}

/** The door of a schema. Throws `TypeError` for one that cannot be checked. `nulls`: an optional member that is null is refused, or counts as missing. */
export function jsonShape<const Schema extends TSchema>(
  schema: Schema,
  { nulls = 'refused' }: { readonly nulls?: 'refused' | 'missing' } = {},
): JsonShape<Static<Schema>> {
  understood(schema)
  const check = (value: unknown): value is Static<Schema> => fits(schema, value)
  return {
    check,
    read: (text) => {
      const value = nulls === 'missing' ? withoutNulls(schema, parsed(text)) : parsed(text)
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
