/** A server that orders its own certificate from the CA of the lab, as somebody on a public host starts it: by settings only. */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type SecureVersion } from 'node:tls'
import type { AcmeLab } from './acme-lab/acme-lab.ts'

export const publicName = 'vault.lab.test'

/** Settings as `--Key=Value`; `bundle`: file with what verifies the CA's directory. */
export function orderSettingsFor(
  lab: AcmeLab,
  bundle: string,
  more: Readonly<Record<string, string>> = {},
): string[] {
  const order = {
    Email: 'ops@lab.test',
    Directory: lab.directoryUrl,
    Profile: 'default',
    // The name is in the lab's DNS alone.
    Check: 'None',
    'TrustedCertificates.Path': bundle,
    'Http.Url': `http://127.0.0.1:${lab.httpPort}`,
    ...more,
  }
  return [
    `--ServerUrl=https://127.0.0.1:${lab.tlsAlpnPort}`,
    `--PublicServerUrl=https://${publicName}:${lab.tlsAlpnPort}`,
    '--Logs.MinLevel=Debug',
    ...Object.entries(order).map(
      ([key, value]) => `--Security.Certificate.LetsEncrypt.${key}=${value}`,
    ),
    // Nobody administers it: making his key is what takes time at a first start.
    `--Security.WellKnownCertificates.Admin=${'0'.repeat(40)}`,
  ]
}

export interface ShownCertificate {
  readonly sha256: string
  readonly issuer: string
  /** Milliseconds since 1970. */
  readonly notAfter: number
}

/** What an ordinary client is shown under the public name; nothing where nobody answers. */
export async function shown(
  port: number,
  version?: SecureVersion,
): Promise<ShownCertificate | undefined> {
  const bounds = version === undefined ? {} : { minVersion: version, maxVersion: version }
  const socket = connect({
    ...{ host: '127.0.0.1', port, servername: publicName, rejectUnauthorized: false },
    ...bounds,
  })
  try {
    await once(socket, 'secureConnect')
    const peer = socket.getPeerX509Certificate()
    if (peer === undefined) return undefined
    const sha256 = peer.fingerprint256.replaceAll(':', '').toLowerCase()
    return { sha256, issuer: peer.issuer, notAfter: peer.validToDate.getTime() }
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}

/** Polls until it holds. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  withinMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`)
    await sleep(20)
  }
}

/** Text of a file among the server's orders; empty where there is none. */
export function orderFile(dataDir: string, name: string): string {
  const file = path.join(dataDir, 'acme', name)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

export interface Load {
  readonly answered: () => number
  /** The first of them. */
  readonly failures: readonly string[]
  /** Certificates that were seen, by SHA-256. */
  readonly seen: ReadonlySet<string>
  stop(): Promise<void>
}

/** So many clients that verify the server with `trust` (PEM) and ask again and again, with a short pause: on TLS 1.2 and 1.3 in turn, each on a kept connection and now and then on a new one. */
export function startLoad(port: number, count: number, trust: string): Load {
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
  return {
    ...{ answered: () => answered, failures, seen },
    stop: async () => {
      isOver = true
      await clients
    },
  }
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
