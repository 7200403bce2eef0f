/** Clients say which topology they know; who knows an older one is told to ask again. */
import type { IncomingHttpHeaders } from 'node:http'

/** Where topologies are asked for. To be told there to ask again makes clients wait for themselves: they hold a lock while they ask. */
const topologyRoutes: ReadonlySet<string> = new Set(['/topology', '/cluster/topology'])

/**
 * Headers of the answer: `Refresh-Topology` for a client whose topology is older than the one with this etag. Who knows a newer one, of
 * a server that was set up anew, is left alone: clients take no older topology over, so he would be told with every answer.
 *
 * What a client knows of the topology of a database counts on routes of databases, what it knows of the cluster on all others.
 */
export function topologyRefresh(
  headers: IncomingHttpHeaders,
  { route, etag }: { readonly route: string; readonly etag: number },
): Readonly<Record<string, string>> {
  if (topologyRoutes.has(route)) return {}
  const isInDatabase = route.startsWith('/databases/')
  const known = headers[isInDatabase ? 'topology-etag' : 'cluster-topology-etag']
  if (known === undefined) return {}
  return Number(String(known).replaceAll('"', '')) < etag ? { 'refresh-topology': 'true' } : {}
}
