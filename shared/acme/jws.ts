/** Signed requests of ACME: JWS in its flattened form (RFC 7515), keys as JWK with thumbprints (RFC 7517, RFC 7638). */
import { createHash, createHmac, createPublicKey, type KeyObject, sign } from 'node:crypto'

/** Members in the order of their names, as a thumbprint demands. */
export type Jwk = Readonly<Record<string, string>>

export interface Jws {
  readonly protected: string
  readonly payload: string
  readonly signature: string
}

/** The public half of a P-256 or RSA key. Throws `TypeError` for any other. */
export function publicJwk(key: KeyObject): Jwk {
  const jwk = publicHalf(key).export({ format: 'jwk' })
  if (jwk.kty === 'RSA') return { e: text(jwk.e), kty: 'RSA', n: text(jwk.n) }
  if (jwk.kty === 'EC' && jwk.crv === 'P-256')
    return { crv: 'P-256', kty: 'EC', x: text(jwk.x), y: text(jwk.y) }
  throw new TypeError('Cannot sign for an ACME account: the key is neither P-256 nor RSA')
}

/** SHA-256 over the JWK, base64url. */
export function thumbprint(key: KeyObject): string {
  return createHash('sha256')
    .update(JSON.stringify(publicJwk(key)))
    .digest('base64url')
}

/** Signs `payload` (an empty text for POST-as-GET) with ES256 or RS256; `header` gets the `alg`. */
export function signedJws(key: KeyObject, header: object, payload: string): Jws {
  const alg = publicJwk(key).kty === 'RSA' ? 'RS256' : 'ES256'
  return jws({ alg, ...header }, payload, (input) =>
    sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' }),
  )
}

/** HS256, for external account binding (RFC 8555 section 7.3.4). */
export function macJws(key: Uint8Array, header: object, payload: string): Jws {
  return jws({ alg: 'HS256', ...header }, payload, (input) =>
    createHmac('sha256', key).update(input).digest(),
  )
}

function jws(header: object, payload: string, signature: (input: Buffer) => Buffer): Jws {
  const parts = { protected: base64url(JSON.stringify(header)), payload: base64url(payload) }
  const input = Buffer.from(`${parts.protected}.${parts.payload}`, 'ascii')
  return { ...parts, signature: signature(input).toString('base64url') }
}

function base64url(content: string): string {
  return Buffer.from(content, 'utf8').toString('base64url')
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
}

function text(member: unknown): string {
  if (typeof member === 'string') return member
  throw new TypeError('Cannot write a key as JWK: a member is missing')
}
