/**
 * Query + parameters → Plan: which keys to walk over, which of them are meant, in which order, which page. Pure: nothing is read here.
 *
 * The walk is as narrow as the condition allows (single ids, a prefix, else everything), and the whole condition is asked again of each
 * key, so that narrowing can only ever save work.
 */

import { databaseErrors } from '#server/database/errors.ts'
import { idKey } from '#server/database/ids.ts'
import { type IncludePath, includePath } from '#server/database/includes.ts'
import { includePathsMax } from '#server/limits.ts'
import { queryErrors } from './errors.ts'
import type { Condition, Query, Value } from './query.types.ts'

/** Keys that can be meant at all. */
export type Walk =
  | { readonly kind: 'all' }
  /** In order, each once. */
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'prefix'; readonly prefix: string }

export interface Plan {
  /** As the query wrote it; `IndexName` of the answer is made of it. */
  readonly collection: string
  readonly walk: Walk
  /** Nothing where all keys of the walk are meant. */
  readonly isMeant: ((key: string) => boolean) | undefined
  readonly order: 'ascending' | 'descending' | undefined
  readonly start: number
  readonly pageSize: number
  /** What the query's own LIMIT allows; nothing where it has none. */
  readonly limit: { readonly offset: number; readonly count: number } | undefined
  readonly includes: readonly IncludePath[]
}

/** What came with the text. */
export interface Given {
  readonly parameters: ReadonlyMap<string, unknown> | undefined
  readonly start: number
  readonly pageSize: number
}

/** Throws QueryInvalid for parameters that are not there or not of the right kind. */
export function planOf(query: Query, given: Given): Plan {
  const asGiven = (value: Value) => valueIn(value, given.parameters)
  const test = resolved(query.where, asGiven)
  if (query.includes.length > includePathsMax)
    throw databaseErrors.LoadTooLarge('include paths', query.includes.length, includePathsMax)
  return {
    collection: query.source.name,
    walk: walkOf(test),
    isMeant: test.kind === 'true' ? undefined : (key) => holds(test, key),
    order: query.order,
    includes: query.includes.map(includePath),
    ...pageOf(query, given, asGiven),
  }
}

/** A condition with the keys that its values stand for. */
type Test =
  | { readonly kind: 'true' }
  | { readonly kind: 'keys'; readonly keys: ReadonlySet<string> }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'not'; readonly test: Test }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Test[] }

type AsGiven = (value: Value) => unknown

function resolved(condition: Condition, asGiven: AsGiven): Test {
  switch (condition.kind) {
    case 'true':
      return condition
    case 'is':
      return { kind: 'keys', keys: new Set(keysOf([asGiven(condition.value)])) }
    case 'in':
      return { kind: 'keys', keys: new Set(keysOf(condition.values.map(asGiven))) }
    case 'startsWith':
      return prefixTest(asGiven(condition.value))
    case 'not':
      return { kind: 'not', test: resolved(condition.condition, asGiven) }
    case 'and':
    case 'or':
      return { kind: condition.kind, of: condition.of.map((part) => resolved(part, asGiven)) }
    default:
      return condition satisfies never
  }
}

/** Lists count as their members; null is no id. */
function keysOf(values: readonly unknown[]): string[] {
  return values
    .flat(2)
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map((value) => idKey(String(value)))
}

function prefixTest(value: unknown): Test {
  if (typeof value !== 'string') throw queryErrors.QueryInvalid('startsWith() needs a text')
  return { kind: 'prefix', prefix: idKey(value) }
}

function holds(test: Test, key: string): boolean {
  switch (test.kind) {
    case 'true':
      return true
    case 'keys':
      return test.keys.has(key)
    case 'prefix':
      return key.startsWith(test.prefix)
    case 'not':
      return !holds(test.test, key)
    case 'and':
      return test.of.every((part) => holds(part, key))
    case 'or':
      return test.of.some((part) => holds(part, key))
    default:
      return test satisfies never
  }
}

function walkOf(test: Test): Walk {
  switch (test.kind) {
    case 'keys':
      return { kind: 'keys', keys: [...test.keys].sort() }
    case 'prefix':
      return test
    case 'and':
      return narrowest(test.of.map(walkOf))
    case 'or':
      return union(test.of.map(walkOf))
    default:
      return { kind: 'all' }
  }
}

function narrowest(walks: readonly Walk[]): Walk {
  const byKind = (kind: Walk['kind']) => walks.find((walk) => walk.kind === kind)
  return byKind('keys') ?? byKind('prefix') ?? { kind: 'all' }
}

function union(walks: readonly Walk[]): Walk {
  const keys = new Set<string>()
  for (const walk of walks) {
    if (walk.kind !== 'keys') return { kind: 'all' }
    for (const key of walk.keys) keys.add(key)
  }
  return { kind: 'keys', keys: [...keys].sort() }
}

function pageOf(
  query: Query,
  given: Given,
  asGiven: AsGiven,
): Pick<Plan, 'start' | 'pageSize' | 'limit'> {
  if (given.start < 0) throw queryErrors.QueryInvalid(`Start is negative (${given.start})`)
  if (given.pageSize < 0) throw queryErrors.QueryInvalid(`PageSize is negative (${given.pageSize})`)
  if (query.limit === undefined) {
    return { start: given.start, pageSize: given.pageSize, limit: undefined }
  }
  const count = countOf('LIMIT', query.limit, asGiven) ?? Number.MAX_SAFE_INTEGER
  const offset = (query.offset && countOf('the offset', query.offset, asGiven)) ?? 0
  return {
    start: Math.max(given.start, offset),
    pageSize: Math.min(given.pageSize, count),
    limit: { offset, count },
  }
}

/** Null means that there is no bound. */
function countOf(what: string, value: Value, asGiven: AsGiven): number | undefined {
  const count = asGiven(value)
  if (count === null) return undefined
  if (typeof count !== 'number' || !Number.isSafeInteger(count))
    throw queryErrors.QueryInvalid(`${what} is no whole number`)
  if (count < 0) throw queryErrors.QueryInvalid(`${what} is negative (${count})`)
  return count
}

function valueIn(value: Value, parameters: ReadonlyMap<string, unknown> | undefined): unknown {
  if (value.kind === 'literal') return value.value
  if (parameters?.has(value.name) !== true)
    throw queryErrors.QueryInvalid(`no value was given for the parameter "${value.name}"`)
  return parameters.get(value.name)
}
