/** Looks at the certificate that a member serves under a name, as a client that trusts the given certificates sees it. */
import tls from 'node:tls'
import type { Endpoint } from '#operator/admin/admin.ts'
import { adminTimeoutMs } from '#operator/limits.ts'
import { type Certificate, readCertificate } from '#shared/pki/certificate.ts'

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
): Promise<Served> {
  return new Promise((resolve) => {
    const socket = tls.connect({
      host: address,
      port,
      servername: name,
      ca: trust,
      allowPartialTrustChain: true,
    })
    const finish = (served: Served): void => {
      socket.destroy()
      resolve(served)
    }
    socket.setTimeout(adminTimeoutMs, () =>
      finish({ failure: `no handshake within ${adminTimeoutMs} ms` }),
    )
    socket.once('error', (error) => finish({ failure: error.message }))
    socket.once('secureConnect', () =>
      finish({ certificate: readCertificate(socket.getPeerCertificate().raw) }),
    )
  })
}

/** A host name that a certificate covers: its first name, a wildcard filled in. */
export function nameCoveredBy({ dnsNames, ipAddresses }: Certificate): string | undefined {
  return (dnsNames[0] ?? ipAddresses[0])?.replace(/^\*\./, 'member.')
}
