/** Clients of a standalone server who ask again and again. */
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SecureVersion } from 'node:tls'
import { publicName } from '#test/support/standalone.ts'

export interface Clients {
  readonly answered: () => number
  /** The first of them. */
  readonly failures: readonly string[]
  /** Certificates that were seen, by SHA-256. */
  readonly seen: ReadonlySet<string>
  stop(): Promise<void>
}

export interface ClientsWish {
  readonly port: number
  readonly count: number
  /** PEM of what verifies the server. */
  readonly trust: string
}

/** So many clients that verify the server with `trust` (PEM) and ask again and again, with a short pause: on TLS 1.2 and 1.3 in turn, each on a kept connection and now and then on a new one. */
export function startClients({ port, count, trust }: ClientsWish): Clients {
  const failures: string[] = []
  const seen = new Set<string>()
  let [answered, isOver] = [0, false]
  const client = async (number: number): Promise<void> => {
    const version: SecureVersion = number % 2 === 0 ? 'TLSv1.2' : 'TLSv1.3'
    const versions = { minVersion: version, maxVersion: version }
    const options = { keepAlive: true, maxSockets: 1, ca: trust, ...versions }
    const kept = new https.Agent(options)
    for (let turn = 0; !isOver; turn += 1) {
      const fresh = turn % 10 === 9 ? new https.Agent({ ...options, keepAlive: false }) : undefined
      const status = await ask(port, fresh ?? kept, seen).catch((error: Error) => error.message)
      fresh?.destroy()
      if (status === 204) answered += 1
      else if (failures.length < failuresKept) failures.push(String(status))
      await sleep(askEveryMs)
    }
    kept.destroy()
  }
  const clients = Promise.all(Array.from({ length: count }, (_, number) => client(number)))
  const stop = async (): Promise<void> => {
    isOver = true
    await clients
  }
  return { answered: () => answered, failures, seen, stop }
}

const answerWithinMs = 5_000
/** So many clients are enough to meet every moment: faster ones would measure the machine. */
const askEveryMs = 100
const failuresKept = 20

function ask(port: number, agent: https.Agent, seen: Set<string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        ...{ host: '127.0.0.1', port, servername: publicName, path: '/setup/alive', agent },
        timeout: answerWithinMs,
      },
      (response) => {
        const { fingerprint256 = '' } = (
          response.socket as import('node:tls').TLSSocket
        ).getPeerCertificate() ?? { fingerprint256: '' }
        seen.add(fingerprint256.replaceAll(':', '').toLowerCase())
        response.resume()
        response.on('end', () => resolve(response.statusCode))
        response.on('error', reject)
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end()
  })
}
