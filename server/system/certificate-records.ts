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
  notBefore: Type.Number(),
  notAfter: Type.Number(),
  disabled: Type.Boolean(),
  /** RavenDB's word for what it is for; others come with single sign-on. */
  usage: Type.Literal('Client'),
  /** Whose rights it shares: its own thumbprint, that of the certificate it renews, or of the first of its collection. */
  root: Type.String(),
  renewedFrom: Type.Optional(Type.String()),
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

/** Key of the record of a deleted key; registered ones lie under their thumbprint. */
export function deletedKey(pin: string): string {
  return `deleted/${pin}`
}

/** The record as access sees it. */
export function registrationOf(record: CertificateRecord): Registration {
  const { certificate, issuer, renewedFrom, ...same } = record
  return {
    ...same,
    certificate: Buffer.from(certificate, 'base64'),
    issuer: issuer === undefined ? undefined : Buffer.from(issuer, 'base64'),
    renewedFrom,
  }
}
