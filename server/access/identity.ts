/** Who is calling: what the caller presented in the TLS handshake, and what the registry knows of it. */
import type { X509Certificate } from 'node:crypto'
import { certificateChainMax } from '#server/limits.ts'
import { type Certificate, readCertificate } from '#shared/pki/certificate.ts'
import type { Registration } from './registration.ts'

/** How a certificate came to be known. */
export type KnownBy = 'thumbprint' | 'renewal' | 'well-known' | 'server'

/** Why a certificate with the key of a registered one is no renewal of it. */
export type RenewalRefusal = 'deleted' | 'disabled' | 'expired' | 'issuer' | 'several' | 'many'

export type Identity =
  /** The caller presented nothing, or nothing that can be read. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'unknown'
      readonly certificate: Certificate
      readonly renewal?: RenewalRefusal
    }
  | {
      readonly kind: 'registered'
      readonly certificate: Certificate
      readonly registration: Registration
      readonly how: KnownBy
    }
  /** A server without TLS asks nobody who he is. */
  | { readonly kind: 'unsecured' }

/** What came with the handshake. */
export interface Presented {
  readonly certificate: Certificate
  /** Certificates sent along that may be issuers, read when they are asked for. */
  readonly chain: () => readonly Certificate[]
}

/** The part of a TLS socket that is asked. */
export interface PeerSocket {
  getPeerX509Certificate?(): X509Certificate | undefined
}

/** Reads what a socket presented, once for each socket: parsing costs more than everything else here. */
export function presentations(): (socket: PeerSocket) => Presented | undefined {
  const known = new WeakMap<object, Presented | undefined>()
  return (socket) => {
    if (!known.has(socket)) known.set(socket, presentedBy(socket))
    return known.get(socket)
  }
}

function presentedBy(socket: PeerSocket): Presented | undefined {
  const peer = socket.getPeerX509Certificate?.()
  const certificate = peer === undefined ? undefined : readable(peer)
  if (peer === undefined || certificate === undefined) return undefined
  let chain: readonly Certificate[] | undefined
  return {
    certificate,
    chain: () => {
      chain ??= issuersOf(peer)
      return chain
    },
  }
}

function issuersOf(peer: X509Certificate): Certificate[] {
  const issuers: Certificate[] = []
  let issuer = peer.issuerCertificate
  while (issuer !== undefined && issuers.length < certificateChainMax) {
    const certificate = readable(issuer)
    if (certificate !== undefined) issuers.push(certificate)
    issuer = issuer.issuerCertificate
  }
  return issuers
}

/** What TLS took and we cannot read counts as nothing presented. */
function readable(certificate: X509Certificate): Certificate | undefined {
  try {
    return readCertificate(certificate.raw)
  } catch {
    return undefined
  }
}
