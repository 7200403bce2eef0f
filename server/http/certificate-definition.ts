/** What callers say about a certificate, in RavenDB's words: the bodies of generate, register and edit, parsed strictly. */
import { accessErrors } from '#server/access/errors.ts'
import { parseClearance, parsePermissions } from '#server/access/permissions.ts'
import type { Rights } from '#server/access/registration.ts'
import { scanJsonObject } from '#server/database/json/scan.ts'
import { certificateNameCharactersMax } from '#server/limits.ts'
import { type Certificate, readCertificates } from '#shared/pki/certificate.ts'
import { pkiErrors } from '#shared/pki/errors.ts'
import { isPfx, readPfxCertificates } from '#shared/pki/pfx-read.ts'
import { acceptedKeys, unusableKey } from '#shared/pki/tls-keys.ts'

type Members = Readonly<Record<string, unknown>>

export interface NamedRights {
  readonly name: string
  readonly rights: Rights
}

export interface Generation extends NamedRights {
  readonly password: string | undefined
  /** Milliseconds since 1970; nothing where the default is meant. */
  readonly notAfter: number | undefined
}

export interface Registration extends NamedRights {
  readonly certificates: readonly Certificate[]
}

export interface Edit extends NamedRights {
  readonly thumbprint: string
  readonly disabled: boolean | undefined
}

/** Members that would restrict what a certificate may do: to ignore them would grant more than was asked for. */
const notBuilt = ['TwoFactorAuthenticationKey', 'SsoIdentifiers', 'SsoServerPublicKeyPinningHashes']

const reservedUsages = ['RavenServer', 'SsoServer', 'SsoClient']

/** Throws `CertificateDefinitionInvalid` and the errors of rights and JSON, as the other two do. */
export function parseGeneration(body: Buffer): Generation {
  const members = membersOf(body)
  const date = optionalText(members, 'NotAfter')
  return {
    ...namedRights(members),
    password: optionalText(members, 'Password') || undefined,
    notAfter: date === undefined ? undefined : parseDate(date),
  }
}

/** The certificate may be DER, a PEM file or a PFX, each in base64. */
export async function parseRegistration(body: Buffer): Promise<Registration> {
  const members = membersOf(body)
  const named = namedRights(members)
  const file = base64Bytes(text(members, 'Certificate'))
  return { ...named, certificates: await certificatesIn(file, optionalText(members, 'Password')) }
}

export function parseEdit(body: Buffer): Edit {
  const members = membersOf(body)
  const disabled = members.Disabled ?? undefined
  if (disabled !== undefined && typeof disabled !== 'boolean')
    throw invalid('Disabled', 'true or false')
  return { ...namedRights(members), thumbprint: text(members, 'Thumbprint'), disabled }
}

function membersOf(body: Buffer): Members {
  const members = scanJsonObject(body, 1).toJs() as Members
  const missing = notBuilt.find((name) => isSaid(members[name]))
  if (missing !== undefined) throw accessErrors.CertificateFeatureMissing(missing)
  demandClientUsage(members.Usage)
  return members
}

function demandClientUsage(usage: unknown): void {
  if (!isSaid(usage) || usage === 'Client') return
  const reserved = reservedUsages.find((one) => one === usage)
  if (reserved !== undefined) throw accessErrors.CertificateUsageReserved(reserved)
  throw accessErrors.CertificateFormatInvalid('Usage', '"Client"')
}

/** Clients send empty lists and nulls for what nobody asked for. */
function isSaid(value: unknown): boolean {
  const isEmptyList = Array.isArray(value) && value.length === 0
  return value !== undefined && value !== null && value !== '' && !isEmptyList
}

/** Whoever names no clearance gets a ValidUser with no databases, whatever the permissions say: rights are given on purpose or not at all. */
function namedRights(members: Members): NamedRights {
  const clearance = parseClearance(members.SecurityClearance)
  const permissions = parsePermissions(members.Permissions)
  const isNamed = isSaid(members.SecurityClearance)
  return { name: nameIn(members), rights: { clearance, permissions: isNamed ? permissions : {} } }
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

/** ISO 8601 with or without a zone, which is UTC then, and with RavenDB's seven decimals. */
function parseDate(value: string): number {
  const [, date, zone = 'Z'] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,7})?(Z|[+-]\d\d:\d\d)?$/.exec(value) ?? []
  const time = date === undefined ? Number.NaN : Date.parse(`${date}${zone}`)
  if (Number.isNaN(time)) {
    throw accessErrors.CertificateFormatInvalid('NotAfter', 'a date such as 2030-01-31T00:00:00Z')
  }
  return time
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
