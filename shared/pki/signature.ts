/** Signing what certificates and requests consist of (RFC 5280 section 4.1.1.2). */
import { type KeyObject, sign } from 'node:crypto'
import { bits, nothing, sequence } from './der.ts'
import { oid } from './der-values.ts'

interface Algorithm {
  readonly oid: string
  /** Nothing: the key's own. */
  readonly hash: string | null
  readonly hasParameters: boolean
}

const ecdsa: Readonly<Record<string, Algorithm>> = {
  prime256v1: { oid: '1.2.840.10045.4.3.2', hash: 'sha256', hasParameters: false },
  secp384r1: { oid: '1.2.840.10045.4.3.3', hash: 'sha384', hasParameters: false },
  secp521r1: { oid: '1.2.840.10045.4.3.4', hash: 'sha512', hasParameters: false },
}
const rsa: Algorithm = { oid: '1.2.840.113549.1.1.11', hash: 'sha256', hasParameters: true }
const ed25519: Algorithm = { oid: '1.3.101.112', hash: null, hasParameters: false }

/** The identifier of the algorithm with which that key signs. */
export function algorithmIdentifier(key: KeyObject): Buffer {
  const { oid: id, hasParameters } = algorithmOf(key)
  return sequence(oid(id), ...(hasParameters ? [nothing()] : []))
}

/** What is signed, how, and the signature: the whole of a certificate or a request. */
export function signed(content: Buffer, key: KeyObject): Buffer {
  const { hash } = algorithmOf(key)
  return sequence(content, algorithmIdentifier(key), bits(sign(hash, content, key)))
}

function algorithmOf(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === 'rsa') return rsa
  if (key.asymmetricKeyType === 'ed25519') return ed25519
  const found = ecdsa[key.asymmetricKeyDetails?.namedCurve ?? '']
  if (found === undefined)
    throw new TypeError(`Cannot sign with a key of type ${key.asymmetricKeyType}: use P-256 or RSA`)
  return found
}
