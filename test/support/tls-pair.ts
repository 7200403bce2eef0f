/** A real TLS connection on the loopback: the server's socket with what the client presented. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'

/** What a client, or a server, puts into its TLS options. */
export function credentials(
  { certificate, privateKey }: Issued,
  chain: readonly Certificate[] = [],
) {
  const cert = [certificate, ...chain].map(certificatePem).join('')
  return { cert, key: privateKeyPem(privateKey) }
}

export interface Presenting {
  readonly client?: Issued
  readonly chain?: readonly Certificate[]
}

/** Connects, hands the server's side of the socket to the work, and closes everything. */
export async function withServerSocket(
  server: Issued,
  { client, chain = [] }: Presenting,
  work: (socket: TLSSocket) => void | Promise<void>,
): Promise<void> {
  const listener = createServer({
    ...credentials(server),
    requestCert: true,
    rejectUnauthorized: false,
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const own = client === undefined ? {} : credentials(client, chain)
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...own })
  const [accepted] = (await once(listener, 'secureConnection')) as [TLSSocket]
  try {
    await work(accepted)
  } finally {
    accepted.destroy()
    socket.destroy()
    listener.close()
    await once(listener, 'close')
  }
}
