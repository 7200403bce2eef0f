/**
 * Reading a PFX (PKCS#12): certificates and the private key. It may come from a stranger: its size, its certificates and the rounds of
 * key derivation that it demands are bounded, and nothing in it is decrypted before its MAC has been verified.
 * AES and triple DES are read; RC2, which .NET wrote until 2018, is not.
 */
import {
  createDecipheriv,
  createHmac,
  createPrivateKey,
  type KeyObject,
  pbkdf2,
  timingSafeEqual,
  X509Certificate,
} from 'node:crypto'
import { promisify } from 'node:util'
import { CodedError } from '#shared/errors.ts'
import { type Asn1, childrenOf, integerOf, octetsOf, oidOf, parse, sequenceTag } from './ber.ts'
import { type Certificate, readCertificate } from './certificate.ts'
import { pkiErrors } from './errors.ts'
import { certificatesInFileMax, pfxBytesMax, pfxMacRoundsMax, pfxRoundsMax } from './limits.ts'
import { ids } from './pfx-ids.ts'
import { type Derivation, derive, pfxPassword } from './pfx-kdf.ts'

export interface Pfx {
  /** The key's own certificate first. */
  readonly certificates: readonly Certificate[]
  readonly privateKey?: KeyObject
}

type Digest = Derivation['digest']
const digests: Readonly<Record<string, Digest>> = {
  [ids.sha1]: 'sha1',
  [ids.sha256]: 'sha256',
  [ids.sha384]: 'sha384',
  [ids.sha512]: 'sha512',
  [ids.hmacSha1]: 'sha1',
  [ids.hmacSha256]: 'sha256',
  [ids.hmacSha384]: 'sha384',
  [ids.hmacSha512]: 'sha512',
}
const aesBytes: Readonly<Record<string, number>> = {
  [ids.aes128]: 16,
  [ids.aes192]: 24,
  [ids.aes256]: 32,
}
const macBytes: Readonly<Record<Digest, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 }
const deriveKey = promisify(pbkdf2)

/** Throws `PfxUnreadable`, or `CertificateUnreadable` for a certificate in it. */
export async function readPfx(file: Uint8Array, password = ''): Promise<Pfx> {
  if (file.length > pfxBytesMax) throw pkiErrors.PfxUnreadable(`it has ${file.length} bytes`)
  try {
    const [, authenticated, macData] = childrenOf(parse(file))
    const content = octetsOf(contentOf(authenticated, ids.data))
    const secret = verifiedPassword(content, macData, password)
    return sorted(await bagsOf(content, secret))
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw pkiErrors.PfxUnreadable('it is damaged')
  }
}

/** Whether the file begins as a PFX does, with its version; a certificate begins with a SEQUENCE. */
export function isPfx(file: Uint8Array): boolean {
  try {
    return file.length <= pfxBytesMax && integerOf(childrenOf(parse(file))[0]) === 3
  } catch {
    return false
  }
}

interface Secret {
  readonly text: string
  /** For PKCS#12's own derivation: some programs take no bytes at all for the empty password, others two zeros. */
  readonly bytes: Buffer
}

interface Bags {
  readonly certificates: Certificate[]
  readonly keys: KeyObject[]
}

/** The content of a ContentInfo of that type. */
function contentOf(info: Asn1 | undefined, type: string): Asn1 {
  const [kind, content] = childrenOf(info)
  if (oidOf(kind) !== type) throw pkiErrors.PfxUnreadable('it is not protected by a password')
  const [inner] = childrenOf(content)
  if (inner === undefined) throw pkiErrors.PfxUnreadable('it is empty')
  return inner
}

function verifiedPassword(content: Buffer, macData: Asn1 | undefined, text: string): Secret {
  if (macData === undefined) throw pkiErrors.PfxUnreadable('it has no MAC')
  const [info, salt, rounds] = childrenOf(macData)
  const [algorithm, expected] = childrenOf(info)
  const digest = digests[oidOf(childrenOf(algorithm)[0])]
  if (digest === undefined) throw pkiErrors.PfxUnreadable('its MAC is of a kind that is not known')
  const mac = octetsOf(expected)
  const derivation = {
    digest,
    salt: octetsOf(salt),
    rounds: boundedRounds(rounds === undefined ? 1 : integerOf(rounds), pfxMacRoundsMax),
    purpose: 'mac',
    bytes: macBytes[digest],
  } as const
  const spellings = text === '' ? [pfxPassword(''), Buffer.alloc(0)] : [pfxPassword(text)]
  for (const bytes of spellings) {
    const key = derive({ ...derivation, password: bytes })
    const computed = createHmac(digest, key).update(content).digest()
    if (computed.length === mac.length && timingSafeEqual(computed, mac)) return { text, bytes }
  }
  throw pkiErrors.PfxUnreadable('the password is wrong, or it is damaged')
}

function boundedRounds(rounds: number, most: number): number {
  if (rounds >= 1 && rounds <= most) return rounds
  throw pkiErrors.PfxUnreadable(
    `it demands ${rounds} rounds of key derivation, at most ${most} are done`,
  )
}

async function bagsOf(content: Buffer, secret: Secret): Promise<Bags> {
  const bags: Bags = { certificates: [], keys: [] }
  for (const safe of childrenOf(parse(content))) {
    const [type] = childrenOf(safe)
    const plain =
      oidOf(type) === ids.data
        ? octetsOf(contentOf(safe, ids.data))
        : await decryptedSafe(contentOf(safe, ids.encryptedData), secret)
    for (const bag of childrenOf(parse(plain))) await addBag(bags, bag, secret)
  }
  return bags
}

async function decryptedSafe(encryptedData: Asn1, secret: Secret): Promise<Buffer> {
  const [, info] = childrenOf(encryptedData)
  const [, algorithm, sealed] = childrenOf(info)
  return decrypt(algorithm, octetsOf(sealed), secret)
}

async function addBag({ certificates, keys }: Bags, bag: Asn1, secret: Secret): Promise<void> {
  if (certificates.length + keys.length >= certificatesInFileMax) {
    throw pkiErrors.PfxUnreadable(
      `it holds more than ${certificatesInFileMax} certificates and keys`,
    )
  }
  const [kind, value] = childrenOf(bag)
  const [content] = childrenOf(value)
  const type = oidOf(kind)
  if (type === ids.certificateBag) certificates.push(certificateOf(content))
  if (type === ids.keyBag && content !== undefined) keys.push(privateKeyOf(content.encoded))
  if (type === ids.shroudedKeyBag) {
    // Each key costs a derivation; a PFX has one.
    if (keys.length > 0) throw pkiErrors.PfxUnreadable('it holds more than one private key')
    const [algorithm, sealed] = childrenOf(content)
    keys.push(privateKeyOf(await decrypt(algorithm, octetsOf(sealed), secret)))
  }
}

function certificateOf(content: Asn1 | undefined): Certificate {
  const [, value] = childrenOf(content)
  return readCertificate(octetsOf(childrenOf(value)[0]))
}

function privateKeyOf(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
}

async function decrypt(
  algorithm: Asn1 | undefined,
  sealed: Buffer,
  secret: Secret,
): Promise<Buffer> {
  const [id, parameters] = childrenOf(algorithm)
  const type = oidOf(id)
  if (type === ids.passwordEncryption2) return decryptAes(parameters, sealed, secret)
  if (type === ids.tripleDesPassword) return decryptTripleDes(parameters, sealed, secret)
  throw pkiErrors.PfxUnreadable(
    `it is encrypted with a cipher that is no longer used (${type}); write it anew, e.g. with openssl pkcs12 -legacy and then -export`,
  )
}

async function decryptAes(
  parameters: Asn1 | undefined,
  sealed: Buffer,
  { text }: Secret,
): Promise<Buffer> {
  const [derivation, cipher] = childrenOf(parameters)
  const [salt, rounds, ...more] = childrenOf(childrenOf(derivation)[1])
  const prf = more.find((part) => part.tag === sequenceTag)
  const digest = digests[prf === undefined ? ids.hmacSha1 : oidOf(childrenOf(prf)[0])]
  const [cipherId, iv] = childrenOf(cipher)
  const keyBytes = aesBytes[oidOf(cipherId)]
  if (digest === undefined || keyBytes === undefined) {
    throw pkiErrors.PfxUnreadable('its cipher is not known')
  }
  const key = await deriveKey(
    text,
    octetsOf(salt),
    boundedRounds(integerOf(rounds), pfxRoundsMax),
    keyBytes,
    digest,
  )
  const decipher = createDecipheriv(`aes-${keyBytes * 8}-cbc`, key, octetsOf(iv))
  return Buffer.concat([decipher.update(sealed), decipher.final()])
}

function decryptTripleDes(parameters: Asn1 | undefined, sealed: Buffer, { bytes }: Secret): Buffer {
  const [salt, rounds] = childrenOf(parameters)
  const derivation = {
    digest: 'sha1',
    password: bytes,
    salt: octetsOf(salt),
    rounds: boundedRounds(integerOf(rounds), pfxMacRoundsMax),
  } as const
  const key = derive({ ...derivation, purpose: 'key', bytes: 24 })
  const iv = derive({ ...derivation, purpose: 'iv', bytes: 8 })
  const decipher = createDecipheriv('des-ede3-cbc', key, iv)
  return Buffer.concat([decipher.update(sealed), decipher.final()])
}

function sorted({ certificates, keys }: Bags): Pfx {
  const [privateKey] = keys
  if (privateKey === undefined) return { certificates }
  const own = certificates.filter((certificate) => isKeyOf(certificate, privateKey))
  return { privateKey, certificates: [...own, ...certificates.filter((one) => !own.includes(one))] }
}

function isKeyOf(certificate: Certificate, privateKey: KeyObject): boolean {
  return new X509Certificate(certificate.der).checkPrivateKey(privateKey)
}
