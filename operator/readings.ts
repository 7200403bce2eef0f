/** What the statuses of our resources say about certificates, as numbers for the metrics. Pure: it looks at what has been seen. */

import { rateLimited } from '#shared/acme/problem.ts'
import { type StrongroomCertificate, strongroomCertificates } from './api/certificate.ts'
import { type Strongroom, type StrongroomStatus, strongrooms } from './api/strongroom.ts'
import type { Cache } from './kube/cache.ts'
import type { KubeObject } from './kube/kube.ts'
import type { CertificateReading, CertificateReadings, RateLimit } from './metrics.ts'

export function certificateReadings(cache: Pick<Cache, 'list'>): CertificateReadings {
  const clusters = cache.list<Strongroom>(strongrooms)
  const certificates = cache.list<StrongroomCertificate>(strongroomCertificates)
  return {
    certificates: [...clusters.map(clusterReading), ...certificates.map(certificateReading)],
    rateLimits: clusters.flatMap(rateLimit),
  }
}

function certificateReading(certificate: StrongroomCertificate): CertificateReading {
  const { notAfter, renewAt } = certificate.status ?? {}
  return { ...identity(certificate), ...times(notAfter, renewAt) }
}

/** Of what an issuer gave; of other certificates the operator knows what is served, and the earliest end counts. */
function clusterReading(cluster: Strongroom): CertificateReading {
  const issued = cluster.status?.publicCertificate
  const served = servedBy(cluster.status)
  const earliest = served
    .flatMap((summary) => summary?.notAfter ?? [])
    .toSorted((a, b) => Date.parse(a) - Date.parse(b))[0]
  return {
    ...identity(cluster),
    ...times(issued?.notAfter ?? earliest, issued?.renewAt),
    ...mismatch(served, issued?.sha256),
  }
}

type Summaries = readonly ({ readonly sha256: string; readonly notAfter: string } | undefined)[]

function servedBy(status: StrongroomStatus = {}): Summaries {
  return (status.members ?? []).map(({ serves }) => serves?.public)
}

/** Where it is not known which certificate is wanted, members that differ from each other do not fit. */
function mismatch(
  served: Summaries,
  wanted = served[0]?.sha256,
): { readonly isMismatched?: boolean } {
  if (served.length === 0) return {}
  return { isMismatched: served.some((summary) => summary?.sha256 !== wanted) }
}

/** The wait that a CA asked for, of an order that it had too many of. */
function rateLimit({ metadata, spec, status }: Strongroom): RateLimit[] {
  const { againAt, problem } = status?.order ?? {}
  const issuer = spec.tls?.server.issuerRef?.name
  if (issuer === undefined || againAt === undefined || problem?.type !== rateLimited) return []
  return [{ namespace: metadata.namespace ?? '', issuer, untilMs: Date.parse(againAt) }]
}

function identity({
  kind,
  metadata,
}: KubeObject): Pick<CertificateReading, 'kind' | 'namespace' | 'name'> {
  return { kind, namespace: metadata.namespace ?? '', name: metadata.name }
}

function times(
  notAfter: string | undefined,
  renewAt: string | undefined,
): Pick<CertificateReading, 'notAfterMs' | 'renewAtMs'> {
  return {
    ...(notAfter === undefined ? {} : { notAfterMs: Date.parse(notAfter) }),
    ...(renewAt === undefined ? {} : { renewAtMs: Date.parse(renewAt) }),
  }
}
