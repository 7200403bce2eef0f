/** A query as it was read: what the language can say of what this version runs. */
import type { NumberText } from '#server/database/json/number-text.ts'

/** A value as it stands in the text. */
export type Value =
  | { readonly kind: 'literal'; readonly value: string | number | NumberText | boolean | null }
  | { readonly kind: 'parameter'; readonly name: string }

/** What a document's id must be. */
export type Condition =
  | { readonly kind: 'true' }
  | { readonly kind: 'is'; readonly value: Value }
  | { readonly kind: 'in'; readonly values: readonly Value[] }
  | { readonly kind: 'startsWith'; readonly value: Value }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }

export type Source =
  | { readonly kind: 'collection'; readonly name: string }
  | { readonly kind: 'index'; readonly name: string }

export interface Query {
  readonly source: Source
  readonly where: Condition
  /** By id, or in the order of their last change where left out. */
  readonly order?: 'ascending' | 'descending'
  /** Paths to ids. */
  readonly includes: readonly string[]
  /** How many to leave out, and how many to answer at most. */
  readonly offset?: Value
  readonly limit?: Value
}
