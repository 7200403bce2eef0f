/** Pebble as a process: what it is told, and what it tells on its management port. All it knows is gone when it ends. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from './acme-proxy.ts'
import { type Leashed, startLeashed } from './leashed.ts'

export interface PebbleOptions {
  /** Life of certificates of the profile `default`, in seconds. Default: 90 days. */
  readonly lifeSeconds?: number
  /** Of the profile `shortlived`. Default: 6 days, or `lifeSeconds` where that is less. */
  readonly shortLifeSeconds?: number
  /** Keys by their id, base64url: an account needs one of them. */
  readonly eab?: Readonly<Record<string, string>>
  /** Percentage of requests that are refused as having a bad nonce. Default: 0. */
  readonly badNonces?: number
  /** Percentage of names whose valid authorization is used again. Default: 0. */
  readonly authorizationReuse?: number
  /** Domains that are refused, with all below them. */
  readonly blockedDomains?: readonly string[]
  /** Every answered challenge is valid without a look. */
  readonly alwaysValid?: boolean
  /** Other roots beside the first one, by which chains can be preferred. Default: 0. */
  readonly alternateRoots?: number
}

export interface PebblePlace {
  readonly program: string
  readonly folder: string
  readonly port: number
  readonly managementPort: number
  readonly httpPort: number
  readonly tlsAlpnPort: number
  readonly resolver: string
  readonly trust: string
}

export interface CertificateStatus {
  readonly status: 'Valid' | 'Revoked'
  /** Of a revoked one (RFC 5280 section 5.3.1). */
  readonly reason: number | undefined
}

export interface RenewalWindow {
  readonly start: string
  readonly end: string
}

export interface PebbleServer {
  start(): Promise<void>
  stop(): Promise<void>
  readonly log: () => string
  /** PEM of the roots that certificates are signed under: others after each start. */
  roots(): Promise<readonly string[]>
  /** Serial number as hexadecimal digits; nothing of one that this CA does not know. */
  certificateStatus(serial: string): Promise<CertificateStatus | undefined>
  /** From now on the CA's answer about renewing the certificate (PEM); a text is answered as it is, right or wrong. */
  setRenewalInfo(certificate: string, window: RenewalWindow | string): Promise<void>
}

const ninetyDays = 7_776_000
const sixDays = 518_400

export function pebbleServer(place: PebblePlace, options: PebbleOptions): PebbleServer {
  const file = join(place.folder, 'pebble.json')
  writeFileSync(file, JSON.stringify(settings(place, options)), { mode: 0o600 })
  const args = ['-strict', '-config', file, '-dnsserver', place.resolver]
  const env = { ...process.env, ...environment(options) }
  let server: Leashed | undefined
  const manage = (path: string, body?: string) =>
    ask(
      {
        ...{ host: '127.0.0.1', port: place.managementPort, ca: place.trust, path, agent: false },
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'user-agent': 'lab' },
      },
      body,
    )
  return {
    start: async () => {
      server = startLeashed({ folder: place.folder, program: place.program, args, env })
      await server.hasPrinted('ACME directory available at')
      await untilAnswering(() => manage('/roots/0'))
    },
    stop: async () => server?.kill(),
    log: () => server?.log() ?? '',
    roots: async () => {
      const count = 1 + (options.alternateRoots ?? 0)
      const all = Array.from({ length: count }, (_, index) => manage(`/roots/${index}`))
      return (await Promise.all(all)).map(({ body }) => body.toString())
    },
    certificateStatus: async (serial) => {
      const { status, body } = await manage(`/cert-status-by-serial/${serial}`)
      if (status !== 200) return undefined
      const { Status, Reason } = JSON.parse(body.toString())
      return { status: Status, reason: Reason }
    },
    setRenewalInfo: async (certificate, window) => {
      const text = typeof window === 'string' ? window : JSON.stringify({ suggestedWindow: window })
      const sent = JSON.stringify({ Certificate: certificate, ARIResponse: text })
      const { status, body } = await manage('/set-renewal-info/', sent)
      if (status !== 200) throw new Error(`Cannot set the window of renewal: ${body}`)
    },
  }
}

/** It says that it listens a moment before it does. */
async function untilAnswering(question: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return void (await question())
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function settings(
  { folder, port, managementPort, httpPort, tlsAlpnPort }: PebblePlace,
  { lifeSeconds = ninetyDays, eab, blockedDomains = [], ...more }: PebbleOptions,
): unknown {
  const shortLife = more.shortLifeSeconds ?? Math.min(lifeSeconds, sixDays)
  return {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      certificate: join(folder, 'tls.crt'),
      privateKey: join(folder, 'tls.key'),
      httpPort,
      tlsPort: tlsAlpnPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: eab !== undefined,
      externalAccountMACKeys: eab ?? {},
      domainBlocklist: blockedDomains,
      retryAfter: { authz: 1, order: 1 },
      keyAlgorithm: 'ecdsa',
      profiles: {
        default: { description: 'The usual life', validityPeriod: lifeSeconds },
        shortlived: { description: 'A short life', validityPeriod: shortLife },
      },
    },
  }
}

function environment({
  badNonces = 0,
  authorizationReuse = 0,
  alwaysValid = false,
  alternateRoots = 0,
}: PebbleOptions): NodeJS.ProcessEnv {
  return {
    PEBBLE_VA_NOSLEEP: '1',
    PEBBLE_WFE_NONCEREJECT: String(badNonces),
    PEBBLE_AUTHZREUSE: String(authorizationReuse),
    PEBBLE_ALTERNATE_ROOTS: String(alternateRoots),
    ...(alwaysValid ? { PEBBLE_VA_ALWAYS_VALID: '1' } : {}),
  }
}
