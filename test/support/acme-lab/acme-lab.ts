/**
 * A certificate authority as on the internet, beside the tests: Pebble behind a proxy that counts and fails, Knot as DNS server, all
 * on one address with free ports, and gone with the process that has them.
 *
 * An order without `profile` gets any of the two: ask for one. Orders end after a day and pending authorizations after an hour,
 * which Pebble has no setting for; `restart` forgets them. Pebble's own window of renewal is the certificate's whole life
 * where that is under a day: hide it (`hidesRenewalInfo`) or set it (`setRenewalInfo`).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressTls } from '#test/support/address-tls.ts'
import { knotPrograms } from '#test/tools/knot.ts'
import { pebbleProgram } from '#test/tools/pebble.ts'
import type { Tell } from '#test/tools/tools.types.ts'
import { type AcmeProxy, acmeProxy } from './acme-proxy.ts'
import { freePort } from './free-port.ts'
import { knotServer, type LabDns } from './knot-server.ts'
import { type PebbleOptions, type PebbleServer, pebbleServer } from './pebble-server.ts'
import { aliasResolver } from './resolver.ts'

export interface AcmeLabOptions extends PebbleOptions {
  /** Where HTTP-01 is asked. Default: a free port. */
  readonly httpPort?: number
  /** Where TLS-ALPN-01 is asked. Default: a free port. */
  readonly tlsAlpnPort?: number
  /** Where the DNS server is asked: 53 for those who ask authoritative servers themselves. Default: a free port. */
  readonly dnsPort?: number
  /** Default: `lab.test` and `other.test`. */
  readonly zones?: readonly string[]
  /** Without renewal information (RFC 9773), as a CA that does not have it. */
  readonly hidesRenewalInfo?: boolean
  /** A cluster that shall reach it; where nothing is said, only this machine does. */
  readonly place?: { readonly hostAddress: string | undefined }
  readonly tell?: Tell
}

export interface AcmeLab
  extends AsyncDisposable,
    Pick<AcmeProxy, 'counts' | 'fail'>,
    Pick<PebbleServer, 'roots' | 'certificateStatus' | 'setRenewalInfo'> {
  readonly directoryUrl: string
  /** PEM of what verifies the directory's own TLS certificate, for as long as the lab stands. */
  readonly trust: string
  readonly httpPort: number
  readonly tlsAlpnPort: number
  /** Address and port of the resolver that Pebble asks: it follows aliases. `dns.address` is the authoritative server. */
  readonly resolver: string
  readonly dns: LabDns
  /** Nobody answers under the directory's address. */
  stop(): Promise<void>
  /** It answers again there, with other roots, and knows no account, order or certificate. */
  start(): Promise<void>
  restart(): Promise<void>
  /** What Pebble printed since its last start. */
  readonly log: () => string
}

export async function acmeLab(options: AcmeLabOptions = {}): Promise<AcmeLab> {
  const { tell = (line) => process.stderr.write(`${line}\n`) } = options
  const programs = { pebble: await pebbleProgram(tell), knot: await knotPrograms(tell) }
  await using parts = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-acme-'))
  parts.defer(() => rmSync(folder, { recursive: true, force: true }))
  const host = addressOf(options)
  const { trust, tls } = await addressTls(host, 'ACME lab')
  writeFileSync(join(folder, 'tls.crt'), tls.cert)
  writeFileSync(join(folder, 'tls.key'), tls.key, { mode: 0o600 })
  const { zones = ['lab.test', 'other.test'] } = options
  const dnsPort = options.dnsPort ?? (await freePort(host))
  const dns = await knotServer(programs.knot, { folder, host, port: dnsPort, zones })
  parts.defer(dns.stop)
  const resolver = `${host}:${parts.use(await aliasResolver(host, dns.address)).port}`
  const port = await freePort(host)
  const place = {
    ...{ program: programs.pebble, folder, resolver, trust },
    port: await freePort('127.0.0.1'),
    managementPort: await freePort('127.0.0.1'),
    httpPort: options.httpPort ?? (await freePort(host)),
    tlsAlpnPort: options.tlsAlpnPort ?? (await freePort(host)),
  }
  const pebble = pebbleServer(place, options)
  const upstream = { port: place.port, trust }
  const { hidesRenewalInfo = false } = options
  const proxy = acmeProxy({ address: host, port, tls, upstream, hidesRenewalInfo })
  const start = async (): Promise<void> => {
    await pebble.start()
    await proxy.listen()
  }
  const stop = async (): Promise<void> => {
    await proxy.close()
    await pebble.stop()
  }
  parts.defer(stop)
  await start()
  const running = parts.move()
  return {
    ...{ trust, resolver, dns, stop, start },
    directoryUrl: `https://${host}:${port}/dir`,
    httpPort: place.httpPort,
    tlsAlpnPort: place.tlsAlpnPort,
    counts: proxy.counts,
    fail: proxy.fail,
    roots: pebble.roots,
    certificateStatus: pebble.certificateStatus,
    setRenewalInfo: pebble.setRenewalInfo,
    log: pebble.log,
    restart: async () => {
      await stop()
      await start()
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function addressOf({ place }: AcmeLabOptions): string {
  if (place === undefined) return '127.0.0.1'
  if (place.hostAddress === undefined)
    throw new Error('This cluster has no way to this machine: only the built one has')
  return place.hostAddress
}
