/** What a client sends to have a query run: the body of `POST /queries`, or the address of a `GET`. */

import { scanJsonObject } from '#server/database/json/scan.ts'
import type { JsonValue } from '#server/database/json/value.ts'
import { pageSizeDefault } from '#server/limits.ts'
import { queryErrors } from './errors.ts'
import { parsedQuery } from './parse.ts'
import { type Plan, planOf } from './plan.ts'
import type { Source } from './query.types.ts'

export interface QueryRequest {
  readonly source: Source
  readonly plan: Plan
  /** What tells this query from others. */
  readonly identity: string
}

/** Reads the body: `Query`, `QueryParameters`, `Start`, `PageSize`; other members change nothing of the result. */
export function queryRequest(body: Buffer): QueryRequest {
  const root = scanJsonObject(body, 2)
  const parameters = parametersIn(root.get('QueryParameters'))
  return requestOf(root.get('Query')?.string ?? '', parameters, {
    start: numberIn(root, 'Start') ?? 0,
    pageSize: numberIn(root, 'PageSize') ?? pageSizeDefault,
  })
}

/** A query without parameters. */
export function plainQueryRequest(
  text: string,
  page: { readonly start: number; readonly pageSize: number },
): QueryRequest {
  return requestOf(text, undefined, page)
}

function requestOf(
  text: string,
  parameters: ReadonlyMap<string, unknown> | undefined,
  page: { readonly start: number; readonly pageSize: number },
): QueryRequest {
  const query = parsedQuery(text)
  const { start, pageSize } = page
  return {
    source: query.source,
    plan: planOf(query, { parameters, start, pageSize }),
    identity: JSON.stringify([text, [...(parameters ?? [])], start, pageSize]),
  }
}

function parametersIn(value: JsonValue | undefined): ReadonlyMap<string, unknown> | undefined {
  if (value === undefined || value.kind === 'null') return undefined
  if (value.kind !== 'object') throw queryErrors.QueryInvalid('"QueryParameters" is no object')
  return new Map(value.children.map((child) => [child.key, child.toJs()]))
}

function numberIn(root: JsonValue, name: string): number | undefined {
  const value = root.get(name)
  if (value === undefined || value.kind === 'null') return undefined
  const number = value.kind === 'number' ? value.toJs() : undefined
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    throw queryErrors.QueryInvalid(`"${name}" is no whole number`)
  return number
}
