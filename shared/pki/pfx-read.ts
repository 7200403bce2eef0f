/**
 * Reading a PFX (PKCS#12, RFC 7292): certificates and the private key. It may come from a stranger: its size, its certificates and the work that
 * its passwords cost are bounded, and nothing in it is decrypted before its MAC, where it has one, has been verified.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { CodedError } from '#shared/errors.ts'
import { type Asn1, childrenOf, integerOf, octetsOf, oidOf, parse } from './ber.ts'
import { type Certificate, isKeyOf, readCertificate } from './certificate.ts'
import { pkiErrors } from './errors.ts'
import { certificatesInFileMax, pfxBytesMax } from './limits.ts'
import { decrypt, type Opening } from './pfx-cipher.ts'
import { ids } from './pfx-ids.ts'
import { verifyMac } from './pfx-mac.ts'
import { PfxWork } from './pfx-work.ts'

export interface Pfx {
  /** The key's own certificate first, the others as they are in the file. */
  readonly certificates: readonly Certificate[]
  /** The first key of the file that has its certificate there. */
  readonly privateKey?: KeyObject
}

/** Throws `PfxUnreadable`, or `CertificateUnreadable` for a certificate in it. */
export function readPfx(file: Uint8Array, password = ''): Promise<Pfx> {
  return understood(async () => {
    const opening = { password, work: new PfxWork() }
    return withKey(await bagsOf(file, opening), opening)
  })
}

/** All certificates, those that a key is for first; no key is decrypted. Throws as `readPfx` does. */
export function readPfxCertificates(file: Uint8Array, password = ''): Promise<Certificate[]> {
  return understood(async () => {
    const { certificates, keys } = await bagsOf(file, { password, work: new PfxWork() })
    const named = new Set(keys.map(({ localId }) => localId))
    const hasKey = ({ localId }: Held) => localId !== undefined && named.has(localId)
    const ordered = [...certificates.filter(hasKey), ...certificates.filter((one) => !hasKey(one))]
    return ordered.map(({ certificate }) => certificate)
  })
}

/** Whether the file begins as a PFX does, with its version; a certificate begins with a SEQUENCE. */
export function isPfx(file: Uint8Array): boolean {
  try {
    return file.length <= pfxBytesMax && integerOf(childrenOf(parse(file))[0]) === 3
  } catch {
    return false
  }
}

async function understood<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof CodedError) throw error
    throw pkiErrors.PfxUnreadable('it is damaged, or the password is wrong')
  }
}

/** `localId`: what ties a key to its certificate, in hex. */
interface Held {
  readonly certificate: Certificate
  readonly localId: string | undefined
}

interface SealedKey {
  /** The bag's content, and whether a password protects it. */
  readonly content: Asn1
  readonly isShrouded: boolean
  readonly localId: string | undefined
}

interface Bags {
  readonly certificates: Held[]
  readonly keys: SealedKey[]
}

async function bagsOf(file: Uint8Array, opening: Opening): Promise<Bags> {
  if (file.length > pfxBytesMax) throw pkiErrors.PfxUnreadable(`it has ${file.length} bytes`)
  const [, authenticated, macData] = childrenOf(parse(file))
  const content = octetsOf(contentOf(authenticated, ids.data))
  if (macData !== undefined) await verifyMac(content, macData, opening)
  const bags: Bags = { certificates: [], keys: [] }
  for (const safe of childrenOf(parse(content)))
    addBags(bags, parse(await safeContents(safe, opening)))
  return bags
}

/** The content of a ContentInfo of that type. */
function contentOf(info: Asn1 | undefined, type: string): Asn1 {
  const [kind, content] = childrenOf(info)
  if (oidOf(kind) !== type) throw pkiErrors.PfxUnreadable('it is not protected by a password')
  const [inner] = childrenOf(content)
  if (inner === undefined) throw pkiErrors.PfxUnreadable('it is empty')
  return inner
}

async function safeContents(safe: Asn1, opening: Opening): Promise<Buffer> {
  if (oidOf(childrenOf(safe)[0]) === ids.data) return octetsOf(contentOf(safe, ids.data))
  const [, info] = childrenOf(contentOf(safe, ids.encryptedData))
  const [, algorithm, sealed] = childrenOf(info)
  return decrypt(algorithm, octetsOf(sealed), opening)
}

function addBags(bags: Bags, contents: Asn1): void {
  for (const bag of childrenOf(contents)) {
    const [kind, value] = childrenOf(bag)
    const [content] = childrenOf(value)
    const type = oidOf(kind)
    if (content === undefined) throw pkiErrors.PfxUnreadable('a bag in it is empty')
    if (type === ids.safeContentsBag) addBags(bags, content)
    else addBag(bags, type, { content, localId: localIdOf(bag) })
  }
}

function addBag(
  { certificates, keys }: Bags,
  type: string,
  { content, localId }: { readonly content: Asn1; readonly localId: string | undefined },
): void {
  if (certificates.length + keys.length >= 2 * certificatesInFileMax) {
    throw pkiErrors.PfxUnreadable(
      `it holds more than ${certificatesInFileMax} certificates with their keys`,
    )
  }
  if (type === ids.certificateBag)
    certificates.push({ certificate: certificateOf(content), localId })
  if (type === ids.keyBag) keys.push({ content, isShrouded: false, localId })
  if (type === ids.shroudedKeyBag) keys.push({ content, isShrouded: true, localId })
}

function localIdOf(bag: Asn1): string | undefined {
  const attribute = childrenOf(childrenOf(bag)[2]).find(
    ({ children: [id] }) => oidOf(id) === ids.localKeyId,
  )
  const [value] = childrenOf(attribute?.children[1])
  return value && octetsOf(value).toString('hex')
}

/** Of other kinds, as SDSI has one, there is no reader any more. */
function certificateOf(content: Asn1): Certificate {
  const [kind, value] = childrenOf(content)
  if (oidOf(kind) !== ids.x509Certificate)
    throw pkiErrors.PfxUnreadable('a certificate in it is not of X.509')
  return readCertificate(octetsOf(childrenOf(value)[0]))
}

/** Each key costs a derivation, so the search ends with the first that has its certificate. */
async function withKey({ certificates, keys }: Bags, opening: Opening): Promise<Pfx> {
  const all = certificates.map(({ certificate }) => certificate)
  let first: KeyObject | undefined
  for (const sealed of keys) {
    const privateKey = await privateKeyOf(sealed, opening)
    first ??= privateKey
    const own = all.filter((certificate) => isKeyOf(certificate, privateKey))
    if (own.length === 0) continue
    return { privateKey, certificates: [...own, ...all.filter((one) => !own.includes(one))] }
  }
  return first === undefined ? { certificates: all } : { privateKey: first, certificates: all }
}

async function privateKeyOf(
  { content, isShrouded }: SealedKey,
  opening: Opening,
): Promise<KeyObject> {
  const [algorithm, sealed] = childrenOf(content)
  const pkcs8 = isShrouded ? await decrypt(algorithm, octetsOf(sealed), opening) : content.encoded
  try {
    return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  } catch {
    throw pkiErrors.PfxUnreadable('its private key is damaged, or of a kind that is not known')
  }
}
