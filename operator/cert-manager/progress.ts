/**
 * How far cert-manager is with a Certificate of ours: an ordered list of checks; the first that fires says why there is nothing
 * new to take over yet, in cert-manager's own words where it has some. Pure.
 */
import { certManagerCertificates } from '#operator/kube/kinds.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import {
  type CertManagerCertificate,
  type CertManagerCondition,
  type CertManagerRequest,
  requestAnnotation,
} from './certificate.ts'

/** What is there of cert-manager for one certificate. */
export interface CertManagerSeen {
  /** Is the kind Certificate defined? Nothing where that is not known yet. */
  readonly isPresent: boolean | undefined
  readonly certificate: CertManagerCertificate | undefined
  /** Its requests. */
  readonly requests: readonly CertManagerRequest[]
}

export interface Hindrance {
  /** Something is awaited, or somebody must act. */
  readonly kind: 'wait' | 'stalled'
  readonly reason: string
  readonly message: string
}

/** Reasons under which cert-manager is waited for: it may go on without anybody's help. */
export const awaitedReasons: ReadonlySet<string> = new Set([
  'CertManagerNotSeen',
  'CertificateRequested',
  'CertificateNotReady',
])

export const progressChecks: readonly Check<CertManagerSeen, Hindrance>[] = [
  isNotKnownYet,
  isNotInstalled,
  isNotAskedFor,
  isNotSeenByIt,
  requestIsOpen,
  isNotReady,
]

/** Nothing where the Certificate is Ready as it stands. */
export function hindrance(seen: CertManagerSeen): Hindrance | undefined {
  return firstFinding(progressChecks, seen)
}

/** Of requests that belong to a Certificate the one that counts: that of the highest revision. */
export function latestRequest(
  requests: readonly CertManagerRequest[],
): CertManagerRequest | undefined {
  return requests.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0]
}

export function isRequestOf({ metadata }: CertManagerRequest, certificate: string): boolean {
  return metadata.annotations?.[requestAnnotation.certificate] === certificate
}

function revisionOf({ metadata }: CertManagerRequest): number {
  return Number(metadata.annotations?.[requestAnnotation.revision] ?? 0)
}

function isNotKnownYet({ isPresent }: CertManagerSeen): Hindrance | undefined {
  return isPresent === undefined
    ? wait('CertManagerNotSeen', 'Whether cert-manager is installed has not been seen yet')
    : undefined
}

function isNotInstalled({ isPresent }: CertManagerSeen): Hindrance | undefined {
  if (isPresent !== false) return undefined
  const { kind, apiVersion } = certManagerCertificates
  return {
    kind: 'stalled',
    reason: 'CertManagerMissing',
    message: `issuerRef names an issuer of cert-manager.io, but kind ${kind} of ${apiVersion} is not defined here, or may not be read: install cert-manager; a certificate of before stays in use`,
  }
}

function isNotAskedFor({ certificate }: CertManagerSeen): Hindrance | undefined {
  return certificate === undefined
    ? wait('CertificateRequested', 'cert-manager is being asked for a certificate')
    : undefined
}

/** It has not looked at the Certificate, or not since it was changed. */
function isNotSeenByIt({ certificate }: CertManagerSeen): Hindrance | undefined {
  const ready = conditionOf(certificate?.status, 'Ready')
  const generation = certificate?.metadata.generation ?? 0
  if (ready !== undefined && (ready.observedGeneration ?? generation) >= generation)
    return undefined
  return wait(
    'CertificateRequested',
    `cert-manager has not looked at Certificate "${certificate?.metadata.name}" yet: is it running?`,
  )
}

/** The request says more than the Certificate: an issuer that is missing stands there alone. */
function requestIsOpen({ certificate, requests }: CertManagerSeen): Hindrance | undefined {
  if (conditionOf(certificate?.status, 'Ready')?.status === 'True') return undefined
  const ready = conditionOf(latestRequest(requests)?.status, 'Ready')
  if (ready === undefined || ready.status === 'True') return undefined
  return notReady(certificate, ready)
}

function isNotReady({ certificate }: CertManagerSeen): Hindrance | undefined {
  const ready = conditionOf(certificate?.status, 'Ready')
  return ready === undefined || ready.status === 'True' ? undefined : notReady(certificate, ready)
}

function notReady(
  certificate: CertManagerCertificate | undefined,
  { reason = 'Unknown', message = 'no message' }: CertManagerCondition,
): Hindrance {
  const { issuerRef } = certificate?.spec ?? {}
  return wait(
    'CertificateNotReady',
    `cert-manager's Certificate "${certificate?.metadata.name}" (${issuerRef?.kind} "${issuerRef?.name}") is not Ready: ${reason}: ${message}`,
  )
}

function wait(reason: string, message: string): Hindrance {
  return { kind: 'wait', reason, message }
}

function conditionOf(
  status: { readonly conditions?: readonly CertManagerCondition[] } | undefined,
  type: string,
): CertManagerCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}
