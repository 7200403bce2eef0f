/** Clients say which topology they know; who knows an older one is told to ask again. */
import type { IncomingHttpHeaders } from 'node:http'

/**
 * Headers of the answer: `Refresh-Topology` for a client whose topology is older than the one with this etag. Who knows a newer one, of
 * a server that was set up anew, is left alone: clients take no older topology over, so he would be told with every answer.
 */
export function topologyRefresh(
  headers: IncomingHttpHeaders,
  etag: number,
): Readonly<Record<string, string>> {
  const known = headers['topology-etag'] ?? headers['cluster-topology-etag']
  if (known === undefined) return {}
  return Number(String(known).replaceAll('"', '')) < etag ? { 'refresh-topology': 'true' } : {}
}
