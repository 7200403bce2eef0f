/** May the certificate in a user's Secret be served? An ordered list of checks; the first that fires is the condition's reason. */
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { TlsMaterial } from '#operator/kube/tls-secret.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import { covers } from '#shared/pki/names.ts'
import { acceptedKeys, unusableKey } from '#shared/pki/tls-keys.ts'

export interface UserCertificate {
  readonly found: TlsMaterial
  /** Name of the Secret, for the message. */
  readonly name: string
  readonly cluster: Strongroom
  readonly nowMs: number
}

export interface Trouble {
  readonly reason: string
  readonly message: string
}

export const userCertificateChecks: readonly Check<UserCertificate, Trouble>[] = [
  isUnusable,
  keyIsUnusable,
  hasExpired,
  isNotYetValid,
  isNotForServers,
  doesNotCoverHost,
]

/** Nothing where it may be served. */
export function userCertificateFinding(question: UserCertificate): Trouble | undefined {
  return firstFinding(userCertificateChecks, question)
}

function isUnusable({ found }: UserCertificate): Trouble | undefined {
  return found.kind === 'unusable'
    ? { reason: found.reason, message: `${found.message}. The certificate of before stays served` }
    : undefined
}

function keyIsUnusable(question: UserCertificate): Trouble | undefined {
  const unusable = unusableKey(certificateOf(question).publicKey)
  if (unusable === undefined) return undefined
  return {
    reason: 'KeyUnusable',
    message: `The certificate in Secret "${question.name}" cannot be served: ${unusable}, with which no client can speak. Use ${acceptedKeys}`,
  }
}

function hasExpired(question: UserCertificate): Trouble | undefined {
  const notAfter = certificateOf(question).notAfter
  if (notAfter > question.nowMs) return undefined
  return {
    reason: 'CertificateExpired',
    message: `The certificate in Secret "${question.name}" expired ${new Date(notAfter).toISOString()}: put a valid one there`,
  }
}

function isNotYetValid(question: UserCertificate): Trouble | undefined {
  const notBefore = certificateOf(question).notBefore
  if (notBefore <= question.nowMs) return undefined
  return {
    reason: 'CertificateNotYetValid',
    message: `The certificate in Secret "${question.name}" is valid from ${new Date(notBefore).toISOString()}`,
  }
}

function isNotForServers(question: UserCertificate): Trouble | undefined {
  if (certificateOf(question).allowsServerAuth) return undefined
  return {
    reason: 'WrongUsage',
    message: `The certificate in Secret "${question.name}" may not be used by a server: its extended key usage lacks serverAuth`,
  }
}

function doesNotCoverHost(question: UserCertificate): Trouble | undefined {
  const host = question.cluster.spec.exposure?.host
  if (host === undefined || covers(certificateOf(question), host)) return undefined
  return {
    reason: 'NameNotCovered',
    message: `The certificate in Secret "${question.name}" does not cover ${host}, the host of spec.exposure`,
  }
}

function certificateOf({ found }: UserCertificate) {
  if (found.kind === 'unusable') throw new TypeError('the checks stand in their order')
  return found.certificate
}
