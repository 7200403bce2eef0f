/** Names of the world for a cluster. */
import type { Strongroom } from '#operator/api/strongroom.ts'

/** Names that the public certificate covers ; the first one matters most. */
export function publicNames({ spec, metadata }: Strongroom): readonly string[] {
  const host = spec.exposure?.host
  const all = [...(host === undefined ? [] : [host]), ...(spec.tls?.dnsNames ?? [])]
  return all.length === 0
    ? [`${metadata.name}.${metadata.namespace ?? 'default'}.strongroom.internal`]
    : [...new Set(all)]
}
