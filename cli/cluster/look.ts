/** Finds the resources that a command is about. */
import { cliErrors } from '#cli/errors.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { certManagerGroup } from '#operator/api/common.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { asked, type Connection } from './connect.ts'
import type { Found } from './report.ts'

/** Everything of a namespace, or of all. */
export async function lookAtAll(connection: Connection, everywhere: boolean): Promise<Found> {
  const { kube, namespace, server } = connection
  const selection = everywhere ? {} : { namespace }
  const list = async <T extends KubeObject>(kind: Kind): Promise<readonly T[]> =>
    (await asked(kube.list<T>(kind, selection), kind, server)).items
  const [clusters, certificates, issuers] = await Promise.all([
    list<Strongroom>(strongrooms),
    list<StrongroomCertificate>(strongroomCertificates),
    list<StrongroomIssuer>(strongroomIssuers),
  ])
  return { strongrooms: clusters, certificates, issuers }
}

/** One Strongroom with its client certificates and its issuer. Throws `ResourceMissing`. */
export async function lookAtOne(connection: Connection, name: string): Promise<Found> {
  const cluster = await strongroomNamed(connection, name)
  const { certificates, issuers } = await lookAtAll(connection, false)
  const { group, name: issuer } = cluster.spec.tls?.server.issuerRef ?? {}
  return {
    strongrooms: [cluster],
    certificates: certificates.filter(({ spec }) => spec.clusterRef.name === name),
    issuers: issuers.filter(
      ({ metadata }) => group !== certManagerGroup && metadata.name === issuer,
    ),
  }
}

/** Throws `ResourceMissing`. */
export async function strongroomNamed(connection: Connection, name: string): Promise<Strongroom> {
  const { kube, namespace, server } = connection
  const ref = { name, namespace }
  const found = await asked(kube.get<Strongroom>(strongrooms, ref), strongrooms, server)
  if (found === undefined) throw cliErrors.ResourceMissing(`Strongroom "${name}"`, namespace)
  return found
}
