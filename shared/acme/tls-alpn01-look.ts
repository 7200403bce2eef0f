/** Looks for the answer to a TLS-ALPN-01 challenge where the CA will look: the name itself, port 443, the protocol for this alone. */
import { connect, type TLSSocket } from 'node:tls'
import { challengeLookMs } from './limits.ts'
import { reasonOf } from './reason.ts'
import type { Challenge } from './solver.ts'
import { acmeProtocol, askedName, proofOf } from './tls-alpn01-certificate.ts'

/** Nothing where it is there, else why not, in words. `port`: public CAs ask 443 and no other. */
export async function lookForProof(
  { name, keyAuthorization }: Pick<Challenge, 'name' | 'keyAuthorization'>,
  signal: AbortSignal,
  port = 443,
): Promise<string | undefined> {
  const place = `${name.includes(':') ? `[${name}]` : name}:${port}`
  const until = AbortSignal.any([signal, AbortSignal.timeout(challengeLookMs)])
  try {
    const { protocol, certificate } = await shownBy({ name, port }, until)
    if (protocol !== acmeProtocol)
      return `${place} is answered by one that does not speak ${acmeProtocol}`
    return certificate?.includes(proofOf(keyAuthorization)) === true
      ? undefined
      : `${place} shows another proof`
  } catch (error) {
    signal.throwIfAborted()
    return `${place} cannot be asked: ${reasonOf(error)}`
  }
}

interface Shown {
  readonly protocol: string | false | null
  /** DER. */
  readonly certificate: Buffer | undefined
}

/** Signed by its own key, as it has to be: what verifies it is the proof in it, and nothing is sent. */
function shownBy(
  { name, port }: { readonly name: string; readonly port: number },
  until: AbortSignal,
): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      ...{ host: name, port, servername: askedName(name) },
      ...{ ALPNProtocols: [acmeProtocol], rejectUnauthorized: false },
    })
    const end = (): void => void socket.destroy(until.reason)
    until.addEventListener('abort', end, { once: true })
    if (until.aborted) end()
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate()?.raw
      resolve({ protocol: socket.alpnProtocol, certificate })
      socket.destroy()
    })
    socket.on('error', reject)
    socket.once('close', () => {
      until.removeEventListener('abort', end)
      reject(new Error('the connection was closed'))
    })
  })
}
