/**
 * Query + parameters → Plan: which keys to walk over, which of them are meant, in which order, which page. Pure: nothing is read here.
 *
 * The walk is as narrow as the condition allows (single ids, a prefix, else everything), and the whole condition is asked again of each
 * key, so that narrowing can only ever save work.
 */

import { databaseErrors } from '#server/database/errors.ts'
import { idKey } from '#server/database/ids.ts'
import { type IncludePath, includePath } from '#server/database/includes.ts'
import { numberText, wholeOf } from '#server/database/json/number-text.ts'
import { includePathsMax, queryConditionsMax, queryIdsMax } from '#server/limits.ts'
import { queryErrors } from './errors.ts'
import type { Condition, Query, Value } from './query.types.ts'
import { shown } from './tokens.ts'

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
  /** How many tests `isMeant` makes of one key at most. */
  readonly testsPerKey: number
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

/** Throws QueryInvalid for parameters that are not there or not of the right kind, QueryTooLarge for more ids or tests than are run. */
export function planOf(query: Query, given: Given): Plan {
  const asGiven = (value: Value) => valueIn(value, given.parameters)
  const resolver = new Resolver(asGiven)
  const test = resolver.test(query.where)
  if (query.includes.length > includePathsMax)
    throw databaseErrors.LoadTooLarge('include paths', query.includes.length, includePathsMax)
  return {
    collection: query.source.name,
    walk: walkOf(test),
    isMeant: test.kind === 'true' ? undefined : (key) => holds(test, key),
    testsPerKey: resolver.tests,
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

/** Puts the values in. Counts what it makes, so that a short text cannot stand for much work. */
class Resolver {
  readonly #asGiven: AsGiven
  /** The same parameter is the same list of ids wherever it stands alone. */
  readonly #lists = new Map<string, ReadonlySet<string>>()
  #ids = 0
  #tests = 0

  constructor(asGiven: AsGiven) {
    this.#asGiven = asGiven
  }

  /** Tests that one key may have to pass. */
  get tests(): number {
    return this.#tests
  }

  test(condition: Condition): Test {
    switch (condition.kind) {
      case 'true':
        return condition
      case 'is':
        return this.#counted({ kind: 'keys', keys: this.#keys([condition.value]) })
      case 'in':
        return this.#counted({ kind: 'keys', keys: this.#keys(condition.values) })
      case 'startsWith':
        return this.#counted(prefixTest(this.#asGiven(condition.value)))
      case 'not':
        return this.#counted({ kind: 'not', test: this.test(condition.condition) })
      case 'and':
        return { kind: 'and', of: condition.of.map((part) => this.test(part)) }
      case 'or':
        return this.#either(condition.of.map((part) => this.test(part)))
      default:
        return condition satisfies never
    }
  }

  #counted(test: Test): Test {
    this.#tests += 1
    if (this.#tests > queryConditionsMax)
      throw queryErrors.QueryTooLarge('conditions', queryConditionsMax)
    return test
  }

  /** Several lists of ids, one of which must hold the key, are one list: one test of a key. */
  #either(of: readonly Test[]): Test {
    const lists = new Set(of.flatMap((part) => (part.kind === 'keys' ? [part.keys] : [])))
    if (lists.size === 0) return { kind: 'or', of }
    const keys = lists.size === 1 ? [...lists].at(0) : this.#union([...lists])
    const others = of.filter((part) => part.kind !== 'keys')
    this.#tests -= of.length - others.length - 1
    const list: Test = { kind: 'keys', keys: keys ?? new Set() }
    return others.length === 0 ? list : { kind: 'or', of: [list, ...others] }
  }

  #union(lists: readonly ReadonlySet<string>[]): ReadonlySet<string> {
    const all = new Set<string>()
    for (const list of lists) {
      this.#spend(list.size)
      for (const key of list) all.add(key)
    }
    return all
  }

  #keys(values: readonly Value[]): ReadonlySet<string> {
    const [only] = values
    if (values.length !== 1 || only?.kind !== 'parameter') return this.#list(values)
    const known = this.#lists.get(only.name) ?? this.#list(values)
    this.#lists.set(only.name, known)
    return known
  }

  #list(values: readonly Value[]): ReadonlySet<string> {
    const keys = new Set<string>()
    for (const value of values) {
      const given = this.#asGiven(value)
      this.#spend(sizeOf(given))
      for (const key of keysOf(given)) keys.add(key)
    }
    return keys
  }

  #spend(ids: number): void {
    this.#ids += ids
    if (this.#ids > queryIdsMax) throw queryErrors.QueryTooLarge('ids', queryIdsMax)
  }
}

/** How many ids a value stands for, without making them. */
function sizeOf(value: unknown): number {
  if (!Array.isArray(value)) return 1
  return value.reduce<number>((sum, item) => sum + (Array.isArray(item) ? item.length : 1), 0)
}

/** Lists count as their members; null is no id. */
function keysOf(value: unknown): string[] {
  return [value]
    .flat(2)
    .map((item) => (typeof item === 'string' ? item : numberText(item)))
    .filter((item) => item !== undefined)
    .map(idKey)
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
  const lists = listsUnder(test)
  if (lists !== undefined)
    return { kind: 'keys', keys: [...new Set(lists.flatMap((list) => [...list]))].sort() }
  return prefixUnder(test) ?? { kind: 'all' }
}

/** Lists that hold every key that can be meant; nothing where there are none such. Of several that must hold it, the shortest. */
function listsUnder(test: Test): readonly ReadonlySet<string>[] | undefined {
  if (test.kind === 'keys') return [test.keys]
  if (test.kind !== 'and' && test.kind !== 'or') return undefined
  const parts = test.of.map(listsUnder)
  const known = parts.filter((lists) => lists !== undefined)
  if (test.kind === 'or')
    return known.length === parts.length ? [...new Set(known.flat())] : undefined
  return known.sort((one, other) => sizeOfAll(one) - sizeOfAll(other)).at(0)
}

function sizeOfAll(lists: readonly ReadonlySet<string>[]): number {
  return lists.reduce((sum, list) => sum + list.size, 0)
}

/** The first prefix that every meant key has. */
function prefixUnder(test: Test): Extract<Walk, { kind: 'prefix' }> | undefined {
  if (test.kind === 'prefix') return test
  if (test.kind !== 'and') return undefined
  return test.of.map(prefixUnder).find((prefix) => prefix !== undefined)
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
  const given = asGiven(value)
  if (given === null) return undefined
  const count = wholeOf(given)
  if (count === undefined) throw queryErrors.QueryInvalid(`${what} is no whole number below 2^53`)
  if (count < 0) throw queryErrors.QueryInvalid(`${what} is negative (${count})`)
  return count
}

function valueIn(value: Value, parameters: ReadonlyMap<string, unknown> | undefined): unknown {
  if (value.kind === 'literal') return value.value
  if (parameters?.has(value.name) !== true)
    throw queryErrors.QueryInvalid(`no value was given for the parameter "${shown(value.name)}"`)
  return parameters.get(value.name)
}
