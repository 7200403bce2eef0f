/** Connections that ask a member of a Strongroom without a pause worth the name, and what became of their requests. */
import https, { type AgentOptions } from 'node:https'
import { connect } from 'node:tls'

export interface Asked {
  readonly address: string
  readonly port: number
  /** The name that is asked, and must be in the certificate. */
  readonly host: string
  /** PEM of what verifies it. */
  readonly ca: string
}

export interface Load {
  /** Requests that were answered as they should be so far. */
  readonly answered: () => number
  /** What went wrong, each in words. */
  readonly failures: () => readonly string[]
  /** Ends when each connection is through with its request. */
  stop(): Promise<void>
}

/** Between two requests of one connection. */
const pauseMs = 250
const requestMs = 10_000

/**
 * Every other connection speaks TLS 1.2, the others 1.3. One in five is made anew for each request, and so sees each certificate; the
 * others stay, and count as failed where they are cut.
 */
export function startLoad(asked: Asked, connections: number): Load {
  const stopping = new AbortController()
  const failures: string[] = []
  let answered = 0
  const talk = async (index: number): Promise<void> => {
    const isKept = index % 5 !== 0
    using connection = connectionOf(asked, index % 2 === 0 ? 'TLSv1.2' : 'TLSv1.3', isKept)
    while (!stopping.signal.aborted) {
      await connection.ask().then(
        () => {
          answered += 1
        },
        (error: Error) => failures.push(`${asked.host} ${index}: ${error.message}`),
      )
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    const { made } = connection
    if (isKept && made() !== 1) failures.push(`${asked.host} ${index}: ${made()} connections`)
  }
  const talks = Array.from({ length: connections }, (_, index) => talk(index))
  return {
    answered: () => answered,
    failures: () => failures,
    stop: async () => {
      stopping.abort()
      await Promise.all(talks)
    },
  }
}

interface Connection extends Disposable {
  ask(): Promise<void>
  /** How often it was made. */
  readonly made: () => number
}

function connectionOf(
  { address, port, host, ca }: Asked,
  version: 'TLSv1.2' | 'TLSv1.3',
  keepAlive: boolean,
): Connection {
  const tls: AgentOptions = { ca, servername: host, minVersion: version, maxVersion: version }
  const agent = new https.Agent({ ...tls, keepAlive, maxSockets: 1 })
  const sockets = new Set<unknown>()
  const options = { agent, host: address, port, path: '/setup/alive', headers: { host } }
  return {
    made: () => sockets.size,
    ask: () =>
      new Promise((resolve, reject) => {
        const signal = AbortSignal.timeout(requestMs)
        const request = https.get({ ...options, signal }, (answer) => {
          answer.resume().once('error', reject)
          const { statusCode } = answer
          answer.once('end', () =>
            statusCode === 204 ? resolve() : reject(new Error(`answered ${statusCode}`)),
          )
        })
        request.once('socket', (socket) => sockets.add(socket)).once('error', reject)
      }),
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** SHA-256 of the certificate that is shown to whoever dials the name, hexadecimal; also of one that has ended, where that is asked for. */
export function dialed(
  { address, port, host, ca }: Asked,
  { evenUnverified = false } = {},
): Promise<string> {
  const to = { host: address, port, servername: host, ca, rejectUnauthorized: !evenUnverified }
  return new Promise((resolve, reject) => {
    const socket = connect(to, () => {
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      resolve(fingerprint256.replaceAll(':', '').toLowerCase())
    })
    socket.once('error', reject)
  })
}
