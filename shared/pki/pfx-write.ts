/**
 * Writing a PFX (PKCS#12, RFC 7292) with today's ciphers: AES-256 by PBKDF2 with SHA-256, and a SHA-256 MAC.
 * OpenSSL 3, Node, browsers, Java and .NET read it. Without a password it is encrypted with the empty one, as everybody does.
 */
import { createCipheriv, createHmac, type KeyObject, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { Certificate } from './certificate.ts'
import { explicit, nothing, octets, sequence, set, tagged } from './der.ts'
import { integer, oid } from './der-values.ts'
import { passwordRounds, pfxRoundsWithoutPassword } from './limits.ts'
import { pemBlock } from './pem.ts'
import { ids } from './pfx-ids.ts'
import { pfxPassword } from './pfx-kdf.ts'
import { PfxWork } from './pfx-work.ts'

export interface PfxContent {
  /** The first is that of the key, if there is one. */
  readonly certificates: readonly Certificate[]
  readonly privateKey?: KeyObject
  readonly password?: string
}

const deriveKey = promisify(pbkdf2)

export async function writePfx({
  certificates,
  privateKey,
  password = '',
}: PfxContent): Promise<Buffer> {
  const safes = [await encryptedData(sequence(...certificates.map(certificateBag)), password)]
  const first = certificates[0]
  if (privateKey !== undefined && first !== undefined) {
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
    const { algorithm, sealed } = await encrypt(pkcs8, password)
    const value = sequence(algorithm, octets(sealed))
    safes.push(plainData(sequence(bag(ids.shroudedKeyBag, value, attributes(first)))))
  }
  const content = sequence(...safes)
  return sequence(integer(3), plainData(content), await mac(content, password))
}

/** The private key as `BEGIN ENCRYPTED PRIVATE KEY` (PKCS#8, RFC 5958), protected as in a PFX. */
export async function encryptedKeyPem(privateKey: KeyObject, password: string): Promise<string> {
  const { algorithm, sealed } = await encrypt(
    privateKey.export({ type: 'pkcs8', format: 'der' }),
    password,
  )
  return pemBlock('ENCRYPTED PRIVATE KEY', sequence(algorithm, octets(sealed)))
}

function certificateBag(certificate: Certificate): Buffer {
  const value = sequence(oid(ids.x509Certificate), explicit(0, octets(certificate.der)))
  return bag(ids.certificateBag, value, attributes(certificate))
}

function bag(kind: string, value: Buffer, attributesOf: Buffer): Buffer {
  return sequence(oid(kind), explicit(0, value), attributesOf)
}

/** The thumbprint ties a key to its certificate, and the name is what a list of certificates shows. */
function attributes({ thumbprint, commonName }: Certificate): Buffer {
  const name = tagged(0x1e, Buffer.from(commonName, 'utf16le').swap16())
  return set(
    sequence(oid(ids.friendlyName), set(name)),
    sequence(oid(ids.localKeyId), set(octets(Buffer.from(thumbprint, 'hex')))),
  )
}

function plainData(content: Buffer): Buffer {
  return sequence(oid(ids.data), explicit(0, octets(content)))
}

async function encryptedData(content: Buffer, password: string): Promise<Buffer> {
  const { algorithm, sealed } = await encrypt(content, password)
  const info = sequence(oid(ids.data), algorithm, tagged(0x80, sealed))
  return sequence(oid(ids.encryptedData), explicit(0, sequence(integer(0), info)))
}

async function encrypt(content: Buffer, password: string) {
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const rounds = roundsFor(password)
  const key = await deriveKey(password, salt, rounds, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const derivation = sequence(
    octets(salt),
    integer(rounds),
    sequence(oid(ids.hmacSha256), nothing()),
  )
  const algorithm = sequence(
    oid(ids.passwordEncryption2),
    sequence(sequence(oid(ids.pbkdf2), derivation), sequence(oid(ids.aes256), octets(iv))),
  )
  return { algorithm, sealed: Buffer.concat([cipher.update(content), cipher.final()]) }
}

/** Rounds slow down guessing, and there is nothing to guess in the empty password. */
function roundsFor(password: string): number {
  return password === '' ? pfxRoundsWithoutPassword : passwordRounds
}

async function mac(content: Buffer, password: string): Promise<Buffer> {
  const salt = randomBytes(16)
  const rounds = roundsFor(password)
  const key = await new PfxWork().pkcs12({
    digest: 'sha256',
    password: pfxPassword(password),
    salt,
    rounds,
    purpose: 'mac',
    bytes: 32,
  })
  const digest = createHmac('sha256', key).update(content).digest()
  const algorithm = sequence(oid(ids.sha256), nothing())
  return sequence(sequence(algorithm, octets(digest)), octets(salt), integer(rounds))
}
