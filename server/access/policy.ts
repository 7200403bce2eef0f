/**
 * What a caller may do: an ordered list of named checks. The first reason found is the answer; no reason is a yes.
 *
 * The checks are pure and know nothing of what exists. So who may not use a database gets the same refusal whether there is one of
 * that name or not.
 */

import { renewalsPerKeyMax, subjectCharactersShown } from '#server/limits.ts'
import type { CodedError } from '#shared/errors.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Action, DatabaseAccess } from './actions.ts'
import { accessErrors } from './errors.ts'
import type { Identity } from './identity.ts'
import { accessTo, includesAccess } from './permissions.ts'
import { isClusterAdmin, isOperator, type RightsInForce, rightsAt } from './registration.ts'

export interface Question {
  readonly identity: Identity
  readonly action: Action
  /** Name of the database that the action is about; nothing where the action or the caller names none. */
  readonly database: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

export type Check = (question: Question) => CodedError | undefined

/** In order; the first refusal is the answer. */
export const accessChecks: readonly Check[] = [
  hasCertificate,
  isRegistered,
  isEnabled,
  hasBegun,
  hasNotExpired,
  isClusterAdminWhereNeeded,
  isOperatorWhereNeeded,
  mayUseDatabase,
]

/** Why the caller may not, or nothing. */
export function refusal(question: Question): CodedError | undefined {
  const { identity, action } = question
  if (identity.kind === 'unsecured' || action.level === 'Open' || action.level === 'Anyone') {
    return undefined
  }
  for (const check of accessChecks) {
    const refused = check(question)
    if (refused !== undefined) return refused
  }
  return undefined
}

function hasCertificate({ identity }: Question): CodedError | undefined {
  return identity.kind === 'none' ? accessErrors.CertificateMissing() : undefined
}

function isRegistered({ identity }: Question): CodedError | undefined {
  if (identity.kind !== 'unknown') return undefined
  const { issuer, pin } = identity.certificate
  const who = shown(identity.certificate)
  switch (identity.renewal) {
    case undefined:
      return accessErrors.CertificateUnknown(who)
    case 'issuer':
      return accessErrors.RenewalRefused(
        who,
        `its issuer "${shortened(issuer)}" is not proven to be theirs`,
        pin,
      )
    case 'deleted':
      return accessErrors.RenewalRefused(who, 'one of them was deleted', pin)
    case 'disabled':
      return accessErrors.RenewalRefused(who, 'one of them is disabled', pin)
    case 'expired':
      return accessErrors.RenewalRefused(who, 'they, or it, have expired', pin)
    case 'many':
      return accessErrors.RenewalsTooMany(who, renewalsPerKeyMax, pin)
    case 'several':
      return accessErrors.RenewalRefused(who, 'several are registered with different rights', pin)
    default:
      return identity.renewal satisfies never
  }
}

function isEnabled({ identity }: Question): CodedError | undefined {
  if (identity.kind !== 'registered' || !identity.registration.disabled) return undefined
  return accessErrors.CertificateDisabled(shown(identity.certificate))
}

function hasBegun({ identity, now }: Question): CodedError | undefined {
  if (identity.kind !== 'registered' || identity.registration.notBefore <= now) return undefined
  const { certificate, registration } = identity
  return accessErrors.CertificateNotYetValid(
    shown(certificate),
    new Date(registration.notBefore).toISOString(),
  )
}

function hasNotExpired({ identity, now }: Question): CodedError | undefined {
  if (identity.kind !== 'registered' || now <= identity.registration.notAfter) return undefined
  const { certificate, registration } = identity
  const end = new Date(registration.notAfter).toISOString()
  return now <= certificate.notAfter
    ? accessErrors.RegistrationEnded(shown(certificate), end)
    : accessErrors.CertificateExpired(shown(certificate), end)
}

function isClusterAdminWhereNeeded({ identity, action, now }: Question): CodedError | undefined {
  if (identity.kind !== 'registered' || action.level !== 'ClusterAdmin') return undefined
  const rights = rightsAt(identity.registration, now)
  return isClusterAdmin(rights) ? undefined : tooLow(identity.certificate, 'ClusterAdmin', rights)
}

function isOperatorWhereNeeded({ identity, action, now }: Question): CodedError | undefined {
  if (identity.kind !== 'registered' || action.level !== 'Operator') return undefined
  const rights = rightsAt(identity.registration, now)
  return isOperator(rights)
    ? undefined
    : tooLow(identity.certificate, 'Operator/ClusterAdmin', rights)
}

function tooLow(certificate: Certificate, needed: string, { clearance }: RightsInForce) {
  return accessErrors.ClearanceTooLow(shown(certificate), needed, clearance)
}

function mayUseDatabase({ identity, action, database, now }: Question): CodedError | undefined {
  if (identity.kind !== 'registered' || !('database' in action)) return undefined
  const rights = rightsAt(identity.registration, now)
  if (isOperator(rights)) return undefined
  const who = shown(identity.certificate)
  if (database === undefined) return accessErrors.DatabaseNotNamed(who)
  const given = accessTo(rights.permissions, database)
  if (given === undefined) return accessErrors.DatabaseForbidden(who, database)
  return includesAccess(given, action.level)
    ? undefined
    : accessErrors.DatabaseAccessTooLow(who, database, needed(action.level))
}

/** RavenDB's word for it in refusals. */
function needed(level: DatabaseAccess): string {
  return level === 'Admin' ? 'DatabaseAdmin' : level
}

function shown(certificate: Certificate): string {
  return `'${shortened(certificate.subject)}(Thumbprint: ${certificate.thumbprint})'`
}

/** A stranger chooses his subject: enough of it to be recognized. */
export function shortened(subject: string): string {
  return subject.length > subjectCharactersShown
    ? `${subject.slice(0, subjectCharactersShown)}…`
    : subject
}
