/** Who may do what to which certificate record. Pure; each rule throws its refusal. */

import { accessErrors } from '#server/access/errors.ts'
import { isClusterAdmin, type Rights } from '#server/access/registration.ts'
import type { AuditActor } from '#server/audit/event.ts'
import { rsaBitsMin } from '#server/limits.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { CertificateRecord } from './certificate-records.ts'

/** Who asks for a change. */
export interface Actor extends Pick<Rights, 'clearance'> {
  /** Thumbprint of the certificate that asks; nothing for the server itself. */
  readonly thumbprint?: string
  readonly audit?: AuditActor
  readonly address?: string
}

/** Nobody gives what he has not: an Operator makes neither ClusterAdmin nor ClusterNode, and touches no record of one. */
export function demandClearance(
  actor: Actor,
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
  actor: Actor,
  touched: readonly CertificateRecord[],
  act: string,
): void {
  const own = touched.find(({ thumbprint }) => thumbprint === actor.thumbprint)
  if (own !== undefined) throw accessErrors.CertificateInUse(act, own.name)
}

/** The same for a certificate without a record: the server's own, or one that the configuration trusts. */
export function demandAnother({ thumbprint, audit }: Actor, deleted: string): void {
  if (deleted.toUpperCase() !== thumbprint) return
  throw accessErrors.CertificateInUse('delete', audit?.name ?? deleted)
}

/** Somebody must be able to administer the server afterwards: where the last one would lose that, it is refused. */
export function demandAdministrator(
  before: readonly CertificateRecord[],
  after: readonly CertificateRecord[],
  now: number,
): void {
  const canAdminister = (record: CertificateRecord): boolean =>
    isClusterAdmin(record) && !record.disabled && now <= record.notAfter
  if (before.some(canAdminister) && !after.some(canAdminister))
    throw accessErrors.LastAdministrator()
}

/** A key that others can compute identifies nobody. */
export function demandStrongKey({ publicKey, subject }: Certificate): void {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && bits < rsaBitsMin)
    throw accessErrors.CertificateKeyWeak(subject, bits, rsaBitsMin)
}
