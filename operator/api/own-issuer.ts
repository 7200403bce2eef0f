/** Which of our issuers a cluster names. */
import { certManagerGroup } from './common.ts'
import type { Strongroom } from './strongroom.ts'

/** Kind and name of the StrongroomIssuer that a cluster names; nothing where it names none of ours. */
export function ownIssuer({
  spec,
}: Strongroom): { readonly name: string; readonly title: string } | undefined {
  const { issuerRef } = spec.tls?.server ?? {}
  if (issuerRef === undefined || issuerRef.group === certManagerGroup) return undefined
  return { name: issuerRef.name, title: `StrongroomIssuer ${issuerRef.name}` }
}
