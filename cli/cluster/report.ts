/** Resources, as the API server has them → the report that is printed. Pure. */
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { apiVersion, certManagerGroup, type issuerRef } from '#operator/api/common.ts'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { Condition } from '#operator/kube/conditions.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import type { Static } from '#shared/schema/type.ts'
import type { RevocationReason } from './arguments.ts'
import type {
  CertificateReport,
  ClientCertificateReport,
  IssuerReport,
  OrderReport,
  StatusReport,
  StrongroomReport,
} from './report-shape.ts'

export interface Found {
  readonly strongrooms: readonly Strongroom[]
  readonly certificates: readonly StrongroomCertificate[]
  readonly issuers: readonly StrongroomIssuer[]
}

/** What the operator was asked for. */
export interface Asked {
  readonly act: 'renew' | 'revoke'
  readonly namespace: string
  readonly name: string
  /** Of the certificate that was issued last; nothing where none was. */
  readonly sha256: string | undefined
  /** Of a revocation. */
  readonly reason?: RevocationReason
}

type Resource = Strongroom | StrongroomCertificate | StrongroomIssuer

export function reportOf({ strongrooms, certificates, issuers }: Found): StatusReport {
  return {
    apiVersion,
    kind: 'StatusReport',
    strongrooms: sorted(strongrooms).map(strongroomReport),
    certificates: sorted(certificates).map(clientCertificateReport),
    issuers: sorted(issuers).map(issuerReport),
  }
}

/** `served`: the certificate that came instead; nothing where nobody waited for it. */
export function certificateReport(
  { act, namespace, name, sha256, reason }: Asked,
  served: StrongroomReport['certificate'] | undefined,
): CertificateReport {
  return {
    ...{ apiVersion, kind: 'CertificateReport', act, namespace, name },
    ...known({ before: sha256, reason }),
    outcome: served === undefined ? 'Asked' : 'Served',
    ...known({ certificate: served }),
  }
}

export function strongroomReport(cluster: Strongroom): StrongroomReport {
  const { status = {} } = cluster
  const { conditions = [], members = [], masterKeys = [], order } = status
  return {
    ...identity(cluster),
    ...readiness(conditions),
    ...known({ url: status.url, image: status.image }),
    certificate: serverCertificate(cluster),
    ...(order === undefined ? {} : { order: orderReport(order) }),
    members: members.map(({ name, ready, version, serves = {}, servesSince }) => ({
      name,
      ready,
      ...known({ version, ...serves, servesSince }),
    })),
    masterKeys: [...masterKeys],
    conditions: conditions.map(({ type, status, reason, message }) => ({
      type,
      status,
      reason,
      message,
    })),
  }
}

function serverCertificate({ spec, status = {} }: Strongroom): StrongroomReport['certificate'] {
  const { secretRef, issuerRef } = spec.tls?.server ?? {}
  const issued = status.publicCertificate
  const served = (status.members ?? []).map(({ serves }) => serves?.public)
  // Of what a user or the private authority gives, the operator writes down only what it saw served. Until an issuer has given
  // something, another certificate is served, which is not the one that is meant.
  const given = issuerRef === undefined ? served.find((one) => one !== undefined) : undefined
  const { sha256, notAfter } = issued ?? given ?? {}
  const isKnown = sha256 !== undefined && served.length > 0
  return {
    ...source(secretRef, issuerRef),
    ...known({
      sha256,
      notAfter,
      renewAt: issued?.renewAt,
      revision: issued?.revision,
      isServed: isKnown ? served.every((one) => one?.sha256 === sha256) : undefined,
    }),
  }
}

function source(
  secretRef: { readonly name: string } | undefined,
  issuerRef: IssuerRef | undefined,
): { readonly source: string; readonly issuer?: string } {
  if (issuerRef !== undefined) return { source: 'issuerRef', issuer: issuerTitle(issuerRef) }
  if (secretRef !== undefined) return { source: 'secretRef', issuer: `Secret ${secretRef.name}` }
  return { source: 'selfSigned' }
}

type IssuerRef = Static<typeof issuerRef>

/** As the API has it: of cert-manager's kinds, Issuer where none is named. */
function issuerTitle({ group, kind, name }: IssuerRef): string {
  const usual = group === certManagerGroup ? 'Issuer' : 'StrongroomIssuer'
  return `${kind ?? usual} ${name}`
}

function orderReport(order: OrderState): OrderReport {
  const { orderUrl, status, authorizations, attempts, againAt, problem } = order
  return {
    ...known({ url: orderUrl, status }),
    names: authorizations.map(({ name, status, challenge }) => ({
      name: name ?? '',
      status,
      ...known({ challenge: challenge?.type }),
    })),
    failedAttempts: attempts,
    ...known({ againAt, problem }),
  }
}

function clientCertificateReport(certificate: StrongroomCertificate): ClientCertificateReport {
  const { spec, status = {} } = certificate
  const { thumbprint, notAfter, renewAt } = status
  return {
    ...identity(certificate),
    strongroom: spec.clusterRef.name,
    ...readiness(status.conditions ?? []),
    secretName: spec.secretName,
    ...known({
      issuer: spec.issuerRef && issuerTitle(spec.issuerRef),
      thumbprint,
      notAfter,
      renewAt,
    }),
  }
}

function issuerReport(issuer: StrongroomIssuer): IssuerReport {
  const { spec, status = {} } = issuer
  return {
    ...identity(issuer),
    type: spec.acme === undefined ? 'ca' : 'acme',
    ...readiness(status.conditions ?? []),
    ...known({ server: spec.acme?.server, account: status.account?.url }),
  }
}

function identity({ metadata }: Resource): {
  readonly namespace: string
  readonly name: string
} {
  return { namespace: metadata.namespace ?? '', name: metadata.name }
}

function readiness(conditions: readonly Condition[]): {
  readonly ready: string
  readonly reason?: string
  readonly message?: string
} {
  const found = conditions.find(({ type }) => type === 'Ready')
  if (found === undefined) return { ready: 'Unknown' }
  return { ready: found.status, reason: found.reason, message: found.message }
}

function sorted<T extends Resource>(resources: readonly T[]): T[] {
  const key = ({ metadata }: T): string => `${metadata.namespace}/${metadata.name}`
  return resources.toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
}

type Known<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

/** Without what is not known. */
function known<T extends object>(fields: T): Known<T> {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as Known<T>
}
