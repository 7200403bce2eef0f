/**
 * JSON Schemas with the types of what fits them: TypeBox's own types, and as much of its language as the operator speaks.
 *
 * The library itself stays out: it takes 34 MB of a process that lives beside every cluster (docs/decisions/0018-schemas-without-their-library.md).
 */
import type { Type as Language, TSchema } from 'typebox'

type Options = Readonly<Record<string, unknown>>
type Properties = Readonly<Record<string, TSchema>>

/** On a property that may be left out. A symbol is no part of the JSON. */
const leftOut = Symbol('optional')

const language = {
  Array: (items: TSchema, options?: Options) => ({ type: 'array', items, ...options }),
  Boolean: (options?: Options) => ({ type: 'boolean', ...options }),
  Integer: (options?: Options) => ({ type: 'integer', ...options }),
  Literal: (value: string) => ({ type: typeof value, const: value }),
  Null: (options?: Options) => ({ type: 'null', ...options }),
  Object: objectOf,
  Optional: (schema: TSchema) => ({ ...schema, [leftOut]: true }),
  Record: (_: TSchema, values: TSchema, options?: Options) => ({
    type: 'object',
    patternProperties: { '^.*$': values },
    ...options,
  }),
  String: (options?: Options) => ({ type: 'string', ...options }),
  Union: (anyOf: readonly TSchema[], options?: Options) => ({ anyOf, ...options }),
}

/** Builds a schema; `Static<typeof schema>` is its type. Each function as TypeBox documents it. */
export const Type = Object.freeze(language) as unknown as Pick<
  typeof Language,
  keyof typeof language
>

export type { Static, TObject, TSchema, TString } from 'typebox'

function objectOf(properties: Properties, options?: Options): object {
  const required = Object.keys(properties).filter(
    (name) => !Object.hasOwn(properties[name] ?? {}, leftOut),
  )
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties,
    ...options,
  }
}
