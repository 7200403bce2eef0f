/** What the statuses of our resources say about certificates, as numbers for the metrics. Pure: it looks at what has been seen. */
import { type StrongroomCertificate, strongroomCertificates } from './api/certificate.ts'
import { type Strongroom, type StrongroomStatus, strongrooms } from './api/strongroom.ts'
import type { Cache } from './kube/cache.ts'
import type { KubeObject } from './kube/kube.ts'
import type { CertificateReading, CertificateReadings } from './metrics.ts'

export function certificateReadings(cache: Pick<Cache, 'list'>): CertificateReadings {
  const clusters = cache.list<Strongroom>(strongrooms)
  const certificates = cache.list<StrongroomCertificate>(strongroomCertificates)
  return {
    certificates: [...clusters.map(clusterReading), ...certificates.map(certificateReading)],
    rateLimits: [],
  }
}

function certificateReading(certificate: StrongroomCertificate): CertificateReading {
  const { notAfter, renewAt } = certificate.status ?? {}
  return { ...identity(certificate), ...times(notAfter, renewAt) }
}

/** The earliest end that a member serves. */
function clusterReading(cluster: Strongroom): CertificateReading {
  const served = servedBy(cluster.status)
  const earliest = served
    .flatMap((summary) => summary?.notAfter ?? [])
    .toSorted((a, b) => Date.parse(a) - Date.parse(b))[0]
  return { ...identity(cluster), ...times(earliest, undefined), ...mismatch(served) }
}

type Summaries = readonly ({ readonly sha256: string; readonly notAfter: string } | undefined)[]

function servedBy(status: StrongroomStatus = {}): Summaries {
  return (status.members ?? []).map(({ serves }) => serves?.public)
}

function mismatch(served: Summaries): { readonly isMismatched?: boolean } {
  if (served.length === 0) return {}
  return { isMismatched: new Set(served.map((summary) => summary?.sha256)).size > 1 }
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
