/** Decrypting what a password protects in a PFX: PBES2 (RFC 8018) with AES or triple DES, and PKCS#12's own ciphers with triple DES or RC2. */
import { createDecipheriv } from 'node:crypto'
import { CodedError } from '#shared/errors.ts'
import { type Asn1, childrenOf, integerOf, octetsOf, oidOf, sequenceTag } from './ber.ts'
import { pkiErrors } from './errors.ts'
import { ids } from './pfx-ids.ts'
import { type Digest, pfxPassword } from './pfx-kdf.ts'
import type { PfxWork } from './pfx-work.ts'
import { decryptRc2 } from './rc2.ts'

/** How a password may have been spelled for PKCS#12's own derivation: of the empty one some programs take two zeros, and others no bytes at all. */
export function spellingsOf(password: string): readonly Buffer[] {
  return password === '' ? [pfxPassword(''), Buffer.alloc(0)] : [pfxPassword(password)]
}

const digests: Readonly<Record<string, Digest>> = {
  [ids.sha1]: 'sha1',
  [ids.sha224]: 'sha224',
  [ids.sha256]: 'sha256',
  [ids.sha384]: 'sha384',
  [ids.sha512]: 'sha512',
  [ids.hmacSha1]: 'sha1',
  [ids.hmacSha224]: 'sha224',
  [ids.hmacSha256]: 'sha256',
  [ids.hmacSha384]: 'sha384',
  [ids.hmacSha512]: 'sha512',
}

/** The digest that an AlgorithmIdentifier names, by itself or in an HMAC. */
export function digestOf(algorithm: Asn1 | undefined): Digest {
  const id = oidOf(childrenOf(algorithm)[0])
  const digest = digests[id]
  if (digest === undefined) throw pkiErrors.PfxUnreadable(`its digest is not known (${id})`)
  return digest
}

export interface Opening {
  readonly password: string
  readonly work: PfxWork
}

/** Throws `PfxUnreadable`, also where the password is wrong, and a plain Error where it is damaged. */
export async function decrypt(
  algorithm: Asn1 | undefined,
  sealed: Buffer,
  opening: Opening,
): Promise<Buffer> {
  const [id, parameters] = childrenOf(algorithm)
  const type = oidOf(id)
  const old = oldCiphers[type]
  if (type === ids.passwordEncryption2) return decryptByPbes2(parameters, sealed, opening)
  if (old !== undefined) return decryptByOld(old, parameters, { sealed, ...opening })
  throw pkiErrors.PfxUnreadable(
    `it is encrypted with a cipher that is no longer used (${type}); write it anew, e.g. with openssl pkcs12 -legacy and then -export`,
  )
}

interface Cipher {
  readonly name: string
  readonly keyBytes: number
}

const ciphers: Readonly<Record<string, Cipher>> = {
  [ids.aes128]: { name: 'aes-128-cbc', keyBytes: 16 },
  [ids.aes192]: { name: 'aes-192-cbc', keyBytes: 24 },
  [ids.aes256]: { name: 'aes-256-cbc', keyBytes: 32 },
  [ids.tripleDes]: { name: 'des-ede3-cbc', keyBytes: 24 },
}

async function decryptByPbes2(
  parameters: Asn1 | undefined,
  sealed: Buffer,
  { password, work }: Opening,
): Promise<Buffer> {
  const [derivation, scheme] = childrenOf(parameters)
  const [cipherId, iv] = childrenOf(scheme)
  const cipher = ciphers[oidOf(cipherId)]
  if (cipher === undefined) throw pkiErrors.PfxUnreadable('its cipher is not known')
  const key = await passwordKey(derivation, { password, work }, cipher.keyBytes)
  return opened(() => {
    const decipher = createDecipheriv(cipher.name, key, octetsOf(iv))
    return Buffer.concat([decipher.update(sealed), decipher.final()])
  })
}

/** The key of so many bytes that PBKDF2 makes of the password; the length is the file's where none is given. */
export async function passwordKey(
  algorithm: Asn1 | undefined,
  { password, work }: Opening,
  bytes?: number,
): Promise<Buffer> {
  const [id, parameters] = childrenOf(algorithm)
  if (oidOf(id) !== ids.pbkdf2) throw pkiErrors.PfxUnreadable('its key derivation is not known')
  const [salt, rounds, ...more] = childrenOf(parameters)
  const prf = more.find((part) => part.tag === sequenceTag)
  const length = more.find((part) => part.tag !== sequenceTag)
  return work.pbkdf2({
    digest: prf === undefined ? 'sha1' : digestOf(prf),
    password: Buffer.from(password),
    salt: octetsOf(salt),
    rounds: integerOf(rounds),
    bytes: bytes ?? integerOf(length),
  })
}

interface OldCipher {
  readonly keyBytes: number
  readonly decrypt: (sealed: Buffer, key: Buffer, iv: Buffer) => Buffer
}

const oldCiphers: Readonly<Record<string, OldCipher>> = {
  [ids.tripleDesPassword]: { keyBytes: 24, decrypt: decryptTripleDes },
  // Two keys, the first of which is used again.
  [ids.doubleDesPassword]: {
    keyBytes: 16,
    decrypt: (sealed, key, iv) =>
      decryptTripleDes(sealed, Buffer.concat([key, key.subarray(0, 8)]), iv),
  },
  [ids.rc2Password]: { keyBytes: 16, decrypt: decryptRc2 },
  [ids.rc2ShortPassword]: { keyBytes: 5, decrypt: decryptRc2 },
}

function decryptTripleDes(sealed: Buffer, key: Buffer, iv: Buffer): Buffer {
  const decipher = createDecipheriv('des-ede3-cbc', key, iv)
  return Buffer.concat([decipher.update(sealed), decipher.final()])
}

/** With each spelling of the password until one fits. */
async function decryptByOld(
  { keyBytes, decrypt: decryptWith }: OldCipher,
  parameters: Asn1 | undefined,
  { sealed, password, work }: Opening & { readonly sealed: Buffer },
): Promise<Buffer> {
  const [salt, rounds] = childrenOf(parameters)
  const common = { digest: 'sha1', salt: octetsOf(salt), rounds: integerOf(rounds) } as const
  let wrong: unknown
  for (const spelling of spellingsOf(password)) {
    const derivation = { ...common, password: spelling }
    const key = await work.pkcs12({ ...derivation, purpose: 'key', bytes: keyBytes })
    const iv = await work.pkcs12({ ...derivation, purpose: 'iv', bytes: 8 })
    try {
      return opened(() => decryptWith(sealed, key, iv))
    } catch (error) {
      wrong = error
    }
  }
  throw wrong
}

function opened(open: () => Buffer): Buffer {
  try {
    return open()
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw pkiErrors.PfxUnreadable('the password is wrong, or it is damaged')
  }
}
