/**
 * Which records on the server a resource gave rights to. The names stand in an annotation of the resource: they are there before the
 * rights are, and no status that is lost, or refused by the API server, takes them along. What stands there is what deletion revokes.
 */
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { type Kind, type Kube, type KubeObject, refTo } from '#operator/kube/kube.ts'
import { annotation } from '#operator/kube/labels.ts'
import { registeredMax } from '#operator/limits.ts'

/** Thumbprints in the annotation, in the order in which they came; nothing where there is no annotation. */
export function registeredBy({
  metadata,
}: Pick<KubeObject, 'metadata'>): readonly string[] | undefined {
  const text = metadata.annotations?.[annotation.registered]
  if (text === undefined) return undefined
  return text.split(' ').filter((word) => /^[0-9A-F]{40}$/.test(word))
}

/** Thumbprints of a StrongroomCertificate, as far as the resource itself knows them. */
export function thumbprintsOf(resource: StrongroomCertificate): ReadonlySet<string> {
  const { thumbprint, superseded = [] } = resource.status ?? {}
  return new Set([
    ...(registeredBy(resource) ?? []),
    ...(thumbprint === undefined ? [] : [thumbprint]),
    ...superseded.map((earlier) => earlier.thumbprint),
  ])
}

/** Thumbprints that a permission gave rights to. Status counts only for resources from before there was the annotation. */
export function appliedTo(resource: StrongroomPermission): ReadonlySet<string> {
  return new Set(registeredBy(resource) ?? resource.status?.applied?.thumbprints ?? [])
}

/** What is to be noted of a resource: what it knows and the server has, and what is about to be given rights. */
export interface Claim {
  readonly resource: KubeObject
  /** On record in the resource. */
  readonly known: Iterable<string>
  readonly wanted: readonly string[]
  readonly records: readonly { readonly thumbprint: string }[]
}

/** Notes what is wanted where it does not stand there yet; what has left the server is forgotten then. */
export async function claimRecords(
  kube: Kube,
  kind: Kind,
  { resource, known, wanted, records }: Claim,
): Promise<void> {
  const noted = new Set(registeredBy(resource))
  if (wanted.every((thumbprint) => noted.has(thumbprint))) return
  const onServer = new Set(records.map(({ thumbprint }) => thumbprint))
  const kept = [...noted, ...known].filter((thumbprint) => onServer.has(thumbprint))
  await noteRegistered(kube, kind, { resource, thumbprints: [...kept, ...wanted] })
}

/**
 * Writes the thumbprints into the annotation, on the very version of the resource that was seen: a conflict (409) where it changed
 * meanwhile. Nothing is sent where they stand there already.
 */
export async function noteRegistered(
  kube: Kube,
  kind: Kind,
  {
    resource,
    thumbprints,
  }: { readonly resource: KubeObject; readonly thumbprints: Iterable<string> },
): Promise<void> {
  const value = [...new Set(thumbprints)].slice(-registeredMax).join(' ')
  const present = resource.metadata.annotations?.[annotation.registered]
  if (value === (present ?? '')) return
  const { resourceVersion } = resource.metadata
  await kube.patch(kind, refTo(resource), {
    metadata: { resourceVersion, annotations: { [annotation.registered]: value } },
  })
}
