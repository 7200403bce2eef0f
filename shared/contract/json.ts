/** JSON that has to fit a schema: the door through which texts of files and stores become records. */
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

export interface JsonShape<T> {
  /** True for a value of the schema. */
  check(value: unknown): value is T
  /** The record, or undefined where the text is no JSON or does not fit. */
  read(text: string): T | undefined
}

/** Compiles a schema once. */
export function jsonShape<const Schema extends TSchema>(schema: Schema): JsonShape<Static<Schema>> {
  const validator = Compile(schema)
  const check = (value: unknown): value is Static<Schema> => validator.Check(value)
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
