/** The table of certificates: one record for each registered certificate, and one for each key of which a certificate was deleted. */
import { type Static, Type } from 'typebox'
import type { Registration } from '#server/access/registration.ts'
import { defineSystemTable } from './table.ts'

const registeredSchema = Type.Object({
  kind: Type.Literal('registered'),
  name: Type.String(),
  thumbprint: Type.String(),
  pin: Type.String(),
  /** DER in base64. */
  certificate: Type.String(),
  /** DER in base64 of the authority that signed it, where it is known. */
  issuer: Type.Optional(Type.String()),
  clearance: Type.Enum(['ClusterAdmin', 'ClusterNode', 'Operator', 'ValidUser']),
  permissions: Type.Record(Type.String(), Type.Enum(['Admin', 'ReadWrite', 'Read'])),
  /** By name as in `permissions`. */
  permissionExpirations: Type.Optional(Type.Record(Type.String(), Type.Number())),
  clearanceExpiration: Type.Optional(Type.Number()),
  /** Dates of the certificate, narrowed by the three below. */
  notBefore: Type.Number(),
  notAfter: Type.Number(),
  validFrom: Type.Optional(Type.Number()),
  validUntil: Type.Optional(Type.Number()),
  /** Of a renewal: it counts as long as what somebody registered was made for, from when it came first. */
  renewedUntil: Type.Optional(Type.Number()),
  disabled: Type.Boolean(),
  /** RavenDB's word for what it is for; others come with single sign-on. */
  usage: Type.Literal('Client'),
  /** Its family: the thumbprint of the one that was registered first, or last anew. All of one root share rights and fate. */
  root: Type.String(),
  renewedFrom: Type.Optional(Type.String()),
  /** A further one of a collection: it has no entry of its own. Older records leave it out. */
  secondary: Type.Optional(Type.Boolean()),
  registeredAt: Type.Number(),
})

/** Keeps a deleted key from coming back as a renewal. */
const deletedSchema = Type.Object({
  kind: Type.Literal('deleted'),
  pin: Type.String(),
  deletedAt: Type.Number(),
})

export type CertificateRecord = Readonly<Static<typeof registeredSchema>>
export type DeletedRecord = Readonly<Static<typeof deletedSchema>>

export const certificateTable = defineSystemTable(
  'certificates',
  Type.Union([registeredSchema, deletedSchema]),
)

const deletedPrefix = 'deleted/'

/** Key of the record of a deleted key; registered ones lie under their thumbprint. */
export function deletedKey(pin: string): string {
  return deletedPrefix + pin
}

/** The pin that such a key is of; nothing for the key of a registered one. */
export function pinOfDeleted(key: string): string | undefined {
  return key.startsWith(deletedPrefix) ? key.slice(deletedPrefix.length) : undefined
}

/** The record as access sees it. */
export function registrationOf(record: CertificateRecord): Registration {
  const { certificate, issuer, renewedFrom, secondary: _secondary, ...same } = record
  return {
    ...same,
    certificate: Buffer.from(certificate, 'base64'),
    issuer: issuer === undefined ? undefined : Buffer.from(issuer, 'base64'),
    renewedFrom,
  }
}
