/** `certificate renew` and `certificate revoke`: a word on the resource, by which the operator acts. Servers are not asked. */
import { cliErrors } from '#cli/errors.ts'
import { certManagerIssuer } from '#operator/api/common.ts'
import { names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { annotation } from '#operator/kube/labels.ts'
import type { Clock } from '#shared/clock.ts'
import type { RevocationReason } from './arguments.ts'
import { asked, type Connection } from './connect.ts'
import { strongroomNamed } from './look.ts'
import type { Asked } from './report.ts'

export async function renew(connection: Connection, name: string, clock: Clock): Promise<Asked> {
  const cluster = await issuedByIssuer(connection, name)
  await annotate(connection, cluster, { [annotation.renew]: new Date(clock.now()).toISOString() })
  return { act: 'renew', ...named(cluster), sha256: cluster.status?.publicCertificate?.sha256 }
}

export async function revoke(
  connection: Connection,
  name: string,
  reason: RevocationReason,
): Promise<Asked> {
  const cluster = await issuedByIssuer(connection, name)
  const sha256 = cluster.status?.publicCertificate?.sha256
  if (sha256 === undefined)
    throw cliErrors.NothingIssued(
      `Strongroom "${cluster.metadata.name}"`,
      'no certificate was issued for it yet',
    )
  await annotate(connection, cluster, { [annotation.revoke]: `${sha256} ${reason}` })
  return { act: 'revoke', ...named(cluster), sha256, reason }
}

/** Throws `NothingIssued` where the certificate is the user's own, the private authority's or cert-manager's. */
async function issuedByIssuer(connection: Connection, name: string): Promise<Strongroom> {
  const cluster = await strongroomNamed(connection, name)
  const found = whoElse(cluster)
  if (found === undefined) return cluster
  throw cliErrors.NothingIssued(`Strongroom "${cluster.metadata.name}"`, found)
}

/** Who gives the certificate, where it is no issuer of ours, and what to do instead. */
function whoElse({ metadata, spec }: Strongroom): string | undefined {
  const { issuerRef, secretRef } = spec.tls?.server ?? {}
  if (certManagerIssuer(issuerRef) !== undefined)
    return `its certificate is cert-manager's: cmctl renew --namespace ${metadata.namespace} ${names.certManagerTls(metadata.name)}`
  if (issuerRef !== undefined) return undefined
  return secretRef === undefined
    ? "its certificate is the private authority's (selfSigned), which the operator renews by itself"
    : `its certificate is the Secret "${secretRef.name}" of yours: put another one there`
}

async function annotate(
  { kube, server }: Connection,
  { metadata: { name, namespace = '' } }: Strongroom,
  annotations: Readonly<Record<string, string>>,
): Promise<void> {
  await asked(
    kube.patch(strongrooms, { name, namespace }, { metadata: { annotations } }),
    strongrooms,
    server,
  )
}

function named({ metadata: { name, namespace = '' } }: Strongroom) {
  return { namespace, name }
}
