/** What a client sends to have a query run: the body of `POST /queries`, or the address of a `GET`. */

import { createHash } from 'node:crypto'
import { membersOf } from '#server/database/json/javascript.ts'
import { spelledJsOf, wholeOf } from '#server/database/json/number-text.ts'
import { scanJsonObjectInSteps } from '#server/database/json/scan.ts'
import type { JsonValue } from '#server/database/json/value.ts'
import { inSlices } from '#server/database/slices.ts'
import { pageSizeDefault } from '#server/limits.ts'
import { queryErrors } from './errors.ts'
import { parsedQuery } from './parse.ts'
import { type Given, type Plan, planOf } from './plan.ts'
import type { Source } from './query.types.ts'

export interface QueryRequest {
  readonly source: Source
  readonly plan: Plan
  /** What tells this query from others. */
  readonly identity: string
}

/** Reads the body: `Query`, `QueryParameters`, `Start`, `PageSize`; other members change nothing of the result. */
export async function queryRequest(body: Buffer): Promise<QueryRequest> {
  const root = await inSlices(scanJsonObjectInSteps(body, 1))
  const given = root.get('QueryParameters')
  const parameters = await parametersIn(given)
  return requestOf(root.get('Query')?.string ?? '', {
    parameters,
    parametersText: given?.bytes,
    start: numberIn(root, 'Start') ?? 0,
    pageSize: numberIn(root, 'PageSize') ?? pageSizeDefault,
  })
}

/** A query without parameters. */
export function plainQueryRequest(
  text: string,
  page: { readonly start: number; readonly pageSize: number },
): QueryRequest {
  return requestOf(text, { parameters: undefined, parametersText: undefined, ...page })
}

interface More extends Given {
  /** As it came. */
  readonly parametersText: Buffer | undefined
}

function requestOf(text: string, { parametersText = Buffer.alloc(0), ...given }: More) {
  const query = parsedQuery(text)
  const parametersHash = createHash('sha256').update(parametersText).digest('base64')
  return {
    source: query.source,
    plan: planOf(query, given),
    identity: JSON.stringify([text, parametersHash, given.start, given.pageSize]),
  }
}

async function parametersIn(
  value: JsonValue | undefined,
): Promise<ReadonlyMap<string, unknown> | undefined> {
  if (value === undefined || value.kind === 'null') return undefined
  if (value.kind !== 'object') throw queryErrors.QueryInvalid('"QueryParameters" is no object')
  return new Map(Object.entries(await membersOf(value.bytes)))
}

function numberIn(root: JsonValue, name: string): number | undefined {
  const value = root.get(name)
  if (value === undefined || value.kind === 'null') return undefined
  const number = value.kind === 'number' ? wholeOf(spelledJsOf(value.bytes)) : undefined
  if (number === undefined)
    throw queryErrors.QueryInvalid(`"${name}" is no whole number below 2^53`)
  return number
}
