/** Names of Secrets that resources of a namespace keep for themselves, whether they are there yet or not. */
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { strongroomDatabases } from '#operator/api/database.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import type { CustomKind } from '#operator/api/kind.ts'
import { names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import type { Cache } from '#operator/kube/cache.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { sourceOf } from '#operator/kube/marks.ts'

type NamesOf = (resource: KubeObject) => readonly (string | undefined)[]

const ofStrongroom: readonly (keyof typeof names)[] = [
  ...([
    'masterKey',
    'clientAuthority',
    'serverAuthority',
    'operatorCertificate',
    'admins',
  ] as const),
  ...([
    'trust',
    'internalTls',
    'serverTls',
    'issuedTls',
    'nextServerKey',
    'certManagerTls',
  ] as const),
]

const kept: readonly (readonly [CustomKind, NamesOf])[] = [
  [
    strongrooms,
    (resource) => {
      const { spec, metadata } = resource as Strongroom
      const { tls, encryption } = spec
      const given = [tls?.server.secretRef?.name, encryption?.masterKey?.secretRef.name]
      return [...ofStrongroom.map((which) => names[which](metadata.name)), ...given]
    },
  ],
  [strongroomDatabases, ({ metadata }) => [names.databaseKey(metadata.name)]],
  [
    strongroomCertificates,
    ({ metadata }) => [names.nextKey(metadata.name), names.certManagerClient(metadata.name)],
  ],
  [
    strongroomIssuers,
    (resource) => {
      const { spec, metadata } = resource as StrongroomIssuer
      const own = [names.issuerAccount(metadata.name), names.nextIssuerAccount(metadata.name)]
      return [...own, spec.acme?.accountKeySecretRef?.name, spec.ca?.secretRef.name]
    },
  ],
]

/** Kind and name of the resource that keeps the Secret which the certificate would be written to; nothing where none does. */
export function reservedBy(
  cache: Pick<Cache, 'list'>,
  { metadata: { namespace }, spec: { secretName } }: StrongroomCertificate,
): string | undefined {
  for (const [kind, namesOf] of kept)
    for (const resource of cache.list<KubeObject>(kind, namespace))
      if (namesOf(resource).includes(secretName)) return sourceOf(resource)
  return undefined
}
