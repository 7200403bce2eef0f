/** What callers say about a certificate, in RavenDB's words: the bodies of generate, register and edit, parsed strictly. */
import { accessErrors } from '#server/access/errors.ts'
import { parseInstant } from '#server/access/instant.ts'
import {
  parseClearance,
  parsePermissionExpirations,
  parsePermissions,
} from '#server/access/permissions.ts'
import type { Rights, ValidityLimits } from '#server/access/registration.ts'
import { scanJsonObject } from '#server/database/json/scan.ts'
import { certificateNameCharactersMax } from '#server/limits.ts'
import { type Certificate, readCertificates } from '#shared/pki/certificate.ts'
import { pkiErrors } from '#shared/pki/errors.ts'
import { isPfx, readPfxCertificates } from '#shared/pki/pfx-read.ts'
import { acceptedKeys, unusableKey } from '#shared/pki/tls-keys.ts'
import {
  certificateMembers,
  demandAsShown,
  demandKnownMembers,
  isSaid,
  type Members,
} from './certificate-members.ts'
import { thumbprintIn } from './thumbprint.ts'

/** What all three say. */
export interface Definition {
  readonly name: string
  readonly rights: Rights
  /** Left out: stays as it is, and a new one is enabled. */
  readonly disabled: boolean | undefined
  /** When it counts, in milliseconds since 1970. Left out: stays as it is, and a new one counts as long as it is valid. */
  readonly limits: ValidityLimits
}

export interface Generation extends Definition {
  readonly password: string | undefined
}

export interface Registration extends Definition {
  readonly certificates: readonly Certificate[]
}

export interface Edit extends Definition {
  readonly thumbprint: string
  /** What the body says of members that no edit changes. */
  readonly claims: Members
}

const reservedUsages = ['RavenServer', 'SsoServer', 'SsoClient']

/** Throws `CertificateDefinitionInvalid`, `CertificateMember…` and the errors of rights and JSON, as the other two do. */
export function parseGeneration(body: Buffer): Generation {
  const { members, claims } = membersOf(body, 'generate')
  // Nothing of it is there yet that an answer could have shown.
  demandAsShown(claims, {})
  return { ...definitionIn(members), password: optionalText(members, 'Password') || undefined }
}

/** The certificate may be DER, a PEM file or a PFX, each in base64. */
export async function parseRegistration(body: Buffer): Promise<Registration> {
  const { members, claims } = membersOf(body, 'register')
  const definition = definitionIn(members)
  const file = base64Bytes(text(members, 'Certificate'))
  const certificates = await certificatesIn(file, optionalText(members, 'Password') || undefined)
  const [first] = certificates
  demandAsShown(claims, { Thumbprint: first?.thumbprint, PublicKeyPinningHash: first?.pin })
  return { ...definition, certificates }
}

export function parseEdit(body: Buffer): Edit {
  const { members, claims } = membersOf(body, 'edit')
  const thumbprint = thumbprintIn(text(members, 'Thumbprint'))
  return { ...definitionIn(members), thumbprint, claims }
}

function membersOf(body: Buffer, kind: keyof typeof certificateMembers) {
  const members = scanJsonObject(body, 1).toJs() as Members
  const claims = demandKnownMembers(members, certificateMembers[kind])
  demandClientUsage(members.Usage)
  return { members, claims }
}

function demandClientUsage(usage: unknown): void {
  if (!isSaid(usage) || usage === 'Client') return
  const reserved = reservedUsages.find((one) => one === usage)
  if (reserved !== undefined) throw accessErrors.CertificateUsageReserved(reserved)
  throw accessErrors.CertificateFormatInvalid('Usage', '"Client"')
}

function definitionIn(members: Members): Definition {
  const validFrom = optionalInstant(members, 'NotBefore')
  const validUntil = optionalInstant(members, 'NotAfter')
  return {
    name: nameIn(members),
    rights: rightsIn(members),
    disabled: disabledIn(members),
    limits: {
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validUntil === undefined ? {} : { validUntil }),
    },
  }
}

/** Whoever names no clearance gets a ValidUser with no databases, whatever the permissions say: rights are given on purpose or not at all. */
function rightsIn(members: Members): Rights {
  const clearance = parseClearance(members.SecurityClearance)
  const permissions = parsePermissions(members.Permissions)
  const permissionExpirations = parsePermissionExpirations(
    members.PermissionExpirations,
    permissions,
  )
  const clearanceExpiration = optionalInstant(members, 'SecurityClearanceExpiration')
  if (isSaid(members.SecurityClearance)) {
    return {
      ...{ clearance, permissions },
      ...(clearanceExpiration === undefined ? {} : { clearanceExpiration }),
      ...(permissionExpirations === undefined ? {} : { permissionExpirations }),
    }
  }
  if (clearanceExpiration !== undefined || permissionExpirations !== undefined)
    throw invalid('SecurityClearance', 'given where rights shall end')
  return { clearance, permissions: {} }
}

function disabledIn(members: Members): boolean | undefined {
  const disabled = members.Disabled ?? undefined
  if (disabled === undefined || typeof disabled === 'boolean') return disabled
  throw invalid('Disabled', 'true or false')
}

function nameIn(members: Members): string {
  const name = text(members, 'Name')
  if (name.length <= certificateNameCharactersMax && !/\p{Cc}|\p{Cs}/u.test(name)) return name
  throw invalid(
    'Name',
    `of at most ${certificateNameCharactersMax} characters, none a control character`,
  )
}

function text(members: Members, name: string): string {
  const value = optionalText(members, name)
  if (value === undefined || value.trim() === '') throw invalid(name, 'given, and not empty')
  return value
}

function optionalText(members: Members, name: string): string | undefined {
  const value = members[name] ?? undefined
  if (value !== undefined && typeof value !== 'string') throw invalid(name, 'a text')
  return value
}

function optionalInstant(members: Members, name: string): number | undefined {
  const value = optionalText(members, name)
  return value === undefined ? undefined : parseInstant(name, value)
}

function base64Bytes(value: string): Buffer {
  const plain = value.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(plain) || plain.length % 4 !== 0) {
    throw invalid('Certificate', 'base64 of DER, of a PEM file or of a PFX')
  }
  return Buffer.from(plain, 'base64')
}

async function certificatesIn(
  file: Buffer,
  password: string | undefined,
): Promise<readonly Certificate[]> {
  if (password !== undefined && !isPfx(file))
    throw invalid('Password', 'left out where the file is no PFX')
  const found = await (isPfx(file) ? readPfxCertificates(file, password) : readCertificates(file))
  found.forEach(demandUsableKey)
  return found
}

function demandUsableKey({ publicKey, subject }: Certificate): void {
  const unusable = unusableKey(publicKey)
  if (unusable !== undefined)
    throw pkiErrors.CertificateKeyUnusable(subject, unusable, acceptedKeys)
}

function invalid(member: string, expected: string): Error {
  return accessErrors.CertificateDefinitionInvalid(member, expected)
}
