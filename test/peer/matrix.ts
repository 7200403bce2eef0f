/** The matrix: every route by every identity, of which only refused (403) or not is compared. */
import { dig, read } from './answers.ts'
import type { GoldenMatrix } from './golden.ts'
import type { Client } from './requests.ts'
import type { Matrix, MatrixRequest, Seen } from './scenario.types.ts'

const matrixMsMax = 5_000

/** How one route answered. */
export interface MatrixRow {
  readonly request: MatrixRequest
  /** Status → identities, as it is recorded. */
  readonly statuses: Readonly<Record<string, string>>
  /** The answer to the last identity, who may do most. */
  readonly last: Seen
}

/** Asks every route as every identity, the one who may do most first. */
export async function* runMatrix(
  client: Client,
  matrix: Matrix,
  known: readonly string[],
  skip: (seen: Seen) => boolean,
): AsyncGenerator<MatrixRow> {
  for (const request of matrix.requests(known)) {
    const seen = new Map<string, Seen>()
    for (const as of matrix.identities.toReversed()) {
      const limits = { limit: matrixMsMax, headersOnly: true }
      seen.set(as, read(await client.call({ as, ...request, ...limits })))
      if (seen.size === 1 && skip(seen.get(as) as Seen)) break
    }
    const last = seen.values().next().value as Seen
    yield { request, statuses: byStatus(matrix.identities, seen), last }
  }
}

/** Routes of the server itself: `METHOD /path/*`, sorted. RavenDB tells them to any certificate. */
export async function routesOf(client: Client): Promise<string[]> {
  const { body } = read(await client.call({ as: 'server', path: '/debug/routes' }))
  const lists = Object.values(body as Record<string, readonly unknown[]>).flat()
  const routes = lists.flatMap((route) =>
    String(dig(route, 'Methods'))
      .split(', ')
      .map((method) => `${method.toUpperCase()} ${dig(route, 'Path')}`),
  )
  return [...new Set(routes)].sort()
}

/** Identity → `refused` or `allowed`. */
export function verdicts(statuses: GoldenMatrix[string]): Record<string, string> {
  const pairs = Object.entries(statuses).flatMap(([status, identities]) =>
    identities.split(' ').map((identity) => [identity, status === '403' ? 'refused' : 'allowed']),
  )
  return Object.fromEntries(pairs.sort())
}

function byStatus(
  identities: readonly string[],
  seen: ReadonlyMap<string, Seen>,
): Record<string, string> {
  const statuses: Record<string, string> = {}
  for (const identity of identities) {
    const status = seen.get(identity)?.status
    if (status !== undefined)
      statuses[status] = statuses[status] ? `${statuses[status]} ${identity}` : identity
  }
  return statuses
}
