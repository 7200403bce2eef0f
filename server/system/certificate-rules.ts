/** Who may do what to which certificate record. Pure; each rule throws its refusal. */

import type { Clearance } from '#server/access/actions.ts'
import { accessErrors } from '#server/access/errors.ts'
import {
  isClusterAdmin,
  type Rights,
  rightsAt,
  type ValidityLimits,
} from '#server/access/registration.ts'
import type { AuditActor } from '#server/audit/event.ts'
import { rsaBitsMin } from '#server/limits.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { CertificateRecord } from './certificate-records.ts'

/** Who asks for a change. */
export interface Actor {
  /**
   * His clearance at this moment: asked in the turn of the change, since his rights may have gone while he waited for it. Throws the
   * refusal of whoever may change no certificates any more.
   */
  readonly clearance: () => Clearance
  /** Thumbprint of the certificate that asks; nothing for the server itself. */
  readonly thumbprint?: string
  readonly audit?: AuditActor
  readonly address?: string
  /** The socket that he asks on: where the change closes it, his answer is sent first. */
  readonly connection?: object
}

/** Nobody gives what he has not: an Operator makes neither ClusterAdmin nor ClusterNode, and touches no record of one. */
export function demandClearance(
  actor: Pick<Rights, 'clearance'>,
  name: string,
  touched: readonly Pick<Rights, 'clearance'>[],
): void {
  if (isClusterAdmin(actor)) return
  const beyond = touched.find(isClusterAdmin)
  if (beyond !== undefined)
    throw accessErrors.CertificateBeyondClearance(name, beyond.clearance, actor.clearance)
}

/** Nobody takes away the certificate that he is using. */
export function demandNotOwn(
  actor: Pick<Actor, 'thumbprint'>,
  touched: readonly CertificateRecord[],
  act: string,
): void {
  const own = touched.find(({ thumbprint }) => thumbprint === actor.thumbprint)
  if (own !== undefined) throw accessErrors.CertificateInUse(act, own.name)
}

/** The same for a change after which it would be there and let nobody in. */
export function demandOwnUsable(
  actor: Pick<Actor, 'thumbprint'>,
  after: readonly CertificateRecord[],
  now: number,
): void {
  const unusable = after.filter((one) => one.disabled || !isCurrent(one, now))
  demandNotOwn(actor, unusable, 'disable or end')
}

/** The same for a certificate without a record: the server's own, or one that the configuration trusts. */
export function demandAnother({ thumbprint, audit }: Actor, deleted: string): void {
  if (deleted !== thumbprint) return
  throw accessErrors.CertificateInUse('delete', audit?.name ?? deleted)
}

/**
 * Somebody must be able to administer the server afterwards: where the last one would lose that, it is refused. Whoever may for a
 * while only does not count as long as somebody else may for good.
 */
export function demandAdministrator(
  before: Iterable<CertificateRecord>,
  after: readonly CertificateRecord[],
  now: number,
): void {
  const administrators = (records: Iterable<CertificateRecord>) =>
    [...records].filter((one) => mayAdminister(one, now))
  const [earlier, later] = [administrators(before), administrators(after)]
  if (earlier.length > 0 && later.length === 0) throw accessErrors.LastAdministrator()
  if (earlier.some(isForGood) && !later.some(isForGood)) throw accessErrors.LastAdministrator()
}

function mayAdminister(record: CertificateRecord, now: number): boolean {
  return isClusterAdmin(rightsAt(record, now)) && !record.disabled && now <= record.notAfter
}

function isForGood({ clearanceExpiration, validUntil }: CertificateRecord): boolean {
  return clearanceExpiration === undefined && validUntil === undefined
}

function isCurrent({ notBefore, notAfter }: CertificateRecord, now: number): boolean {
  return notBefore <= now && now <= notAfter
}

/** Limits only narrow: within the dates of the certificate itself, and something must be left. Throws `CertificateDatesInvalid`. */
export function demandWithin(
  { notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>,
  { validFrom = notBefore, validUntil = notAfter }: ValidityLimits,
): void {
  const shown = (instant: number) => new Date(instant).toISOString()
  const own = `the certificate is valid from ${shown(notBefore)} to ${shown(notAfter)}`
  if (validFrom < notBefore || validFrom > notAfter)
    throw accessErrors.CertificateDatesInvalid('NotBefore', own)
  if (validUntil < notBefore || validUntil > notAfter)
    throw accessErrors.CertificateDatesInvalid('NotAfter', own)
  if (validUntil < validFrom)
    throw accessErrors.CertificateDatesInvalid('NotAfter', 'it lies before NotBefore')
}

/** A key that others can compute identifies nobody. */
export function demandStrongKey({ publicKey, subject }: Certificate): void {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && bits < rsaBitsMin)
    throw accessErrors.CertificateKeyWeak(subject, bits, rsaBitsMin)
}
