/** Stage: does the resource fit its schema? What was stored before the schema was as it is may not, and nothing is made of it. */
import { schemaTrouble } from '#operator/api/kind.ts'
import { internalNames } from '#operator/api/names.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'

export function schemaStage({ cluster }: Observed): StageResult {
  const trouble = schemaTrouble(strongrooms, cluster) ?? innerName(cluster)
  if (trouble === undefined) return { steps: [], findings: [] }
  const message = `The resource does not fit its schema: ${trouble}`
  return { steps: [], findings: [], halt: { kind: 'stalled', reason: 'InvalidSpec', message } }
}

/** Under the names of its own Services members serve the internal certificate: as public names they would be covered and never served. */
function innerName({
  spec,
  metadata: { name, namespace = '' },
}: Observed['cluster']): string | undefined {
  const inner = new Set(internalNames(name, namespace))
  const { host } = spec.exposure ?? {}
  if (host !== undefined && inner.has(host))
    return `/spec/exposure/host: ${host} is the name of this cluster's own Service, which is served with the internal certificate: name a public host`
  const taken = spec.tls?.dnsNames?.find((one) => inner.has(one))
  if (taken === undefined) return undefined
  return `/spec/tls/dnsNames: ${taken} is the name of this cluster's own Service, which is served with the internal certificate: take it out`
}
