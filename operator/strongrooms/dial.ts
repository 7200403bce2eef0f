/** Looks at the certificate that a member serves under a name, as a client that trusts the given certificates sees it. */
import tls from 'node:tls'
import type { Endpoint } from '#operator/admin/admin.ts'
import { adminTimeoutMs } from '#operator/limits.ts'
import { type Certificate, readCertificate } from '#shared/pki/certificate.ts'
import { isAddress } from '#shared/pki/names.ts'

export interface Expected {
  /** Name that is asked for by SNI and that the certificate must cover. */
  readonly name: string
  /** PEM of what is trusted: authorities, or the very certificate that should be served. */
  readonly trust: string
}

/** The verified leaf, or why no verified handshake came about. */
export type Served = { readonly certificate: Certificate } | { readonly failure: string }

export function servedCertificate(
  { address, port }: Endpoint,
  { name, trust }: Expected,
  timeoutMs = adminTimeoutMs,
): Promise<Served> {
  const named = isAddress(name) ? { checkServerIdentity: isFor(name) } : { servername: name }
  return new Promise((resolve) => {
    const trusted = { ca: trust, allowPartialTrustChain: true }
    const socket = tls.connect({ host: address, port, ...named, ...trusted })
    const finish = (served: Served): void => {
      socket.destroy()
      resolve(served)
    }
    socket.setTimeout(timeoutMs, () => finish({ failure: `no handshake within ${timeoutMs} ms` }))
    socket.on('error', (error) => finish({ failure: error.message }))
    socket.once('secureConnect', () => finish(leafOf(socket)))
  })
}

function leafOf(socket: tls.TLSSocket): Served {
  try {
    const shown = socket.getPeerX509Certificate()
    if (shown === undefined) return { failure: 'no certificate was shown' }
    return { certificate: readCertificate(shown.raw) }
  } catch (error) {
    return { failure: String(error) }
  }
}

/** An address is not asked for by SNI; the certificate must cover it all the same. */
function isFor(address: string): typeof tls.checkServerIdentity {
  return (_, certificate) => tls.checkServerIdentity(address, certificate)
}

/** A host name that a certificate covers: its first name, a wildcard filled in. */
export function nameCoveredBy({ dnsNames, ipAddresses }: Certificate): string | undefined {
  return (dnsNames[0] ?? ipAddresses[0])?.replace(/^\*\./, 'member.')
}
