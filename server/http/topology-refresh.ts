/** Clients say which topology they know; who knows an older one is told to ask again. */
import type { IncomingHttpHeaders } from 'node:http'

/** Headers of the answer: `Refresh-Topology` for a client whose topology is another than the one with this etag. */
export function topologyRefresh(
  headers: IncomingHttpHeaders,
  etag: number,
): Readonly<Record<string, string>> {
  const known = headers['topology-etag'] ?? headers['cluster-topology-etag']
  if (known === undefined || String(known).replaceAll('"', '') === String(etag)) return {}
  return { 'refresh-topology': 'true' }
}
