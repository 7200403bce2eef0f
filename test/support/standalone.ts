/** A server that orders its own certificate from the CA of the lab, as somebody on a public host starts it: by settings only. */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
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
