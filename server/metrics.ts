/**
 * What the server counts, for Prometheus. Counters that other parts keep are read when somebody asks; only requests are counted here.
 * Labels take few values: a route's pattern, never a path, a name or a certificate.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { EngineFigures } from './storage/engine.types.ts'

/** Where the figures come from. */
export interface MetricSources {
  /** Of every open engine: the databases' and the server store's. */
  readonly engines: () => Iterable<EngineFigures>
  readonly databases: () => {
    readonly open: number
    readonly damaged: number
    readonly quarantined: number
  }
  /** The files of the server store were lost under it. */
  readonly isStoreLost: () => boolean
  /** Master keys that are loaded and needed no more. */
  readonly removableMasterKeys: () => number
  /** Registered certificates that expire within `Security.Certificate.ExpiringThresholdInDays`, and those that have. */
  readonly certificates: () => CertificateCounts
  /** Seconds until the server certificate expires; nothing without TLS. */
  readonly certificateSecondsLeft: () => number | undefined
  /** The order of a server certificate; nothing where none is ordered. */
  readonly order: () => OrderReadings | undefined
}

export interface OrderReadings {
  /** Milliseconds since 1970; nothing while there is no certificate. */
  readonly renewAt: number | undefined
  /** Orders that failed since the last that did not. */
  readonly failures: number
}

export interface CertificateCounts {
  readonly registered: number
  readonly expiring: number
  readonly expired: number
}

export interface FinishedRequest {
  readonly method: string
  /** Pattern of the route, e.g. `/databases/:database/docs`. */
  readonly route: string
  readonly status: number
  readonly milliseconds: number
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Counter
  readonly #durations: Histogram
  readonly #refusedCertificates: Counter
  readonly #issuedCertificates: Counter

  constructor(sources: MetricSources) {
    const registers = [this.#registry]
    this.#requests = new Counter({
      name: 'strongroom_requests_total',
      help: 'Answered requests',
      labelNames: ['method', 'route', 'status'],
      registers,
    })
    this.#durations = new Histogram({
      name: 'strongroom_request_duration_seconds',
      help: 'From the first byte of a request to the last of its answer',
      labelNames: ['route'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    })
    this.#refusedCertificates = new Counter({
      name: 'strongroom_server_certificate_refused_total',
      help: 'Changed server certificates that did not pass the checks and are not served',
      registers,
    })
    this.#issuedCertificates = new Counter({
      name: 'strongroom_server_certificate_issued_total',
      help: 'Server certificates that a CA issued to this server',
      registers,
    })
    addReadings(this.#registry, sources)
    collectDefaultMetrics({ register: this.#registry })
  }

  request({ method, route, status, milliseconds }: FinishedRequest): void {
    this.#requests.inc({ method, route, status })
    this.#durations.observe({ route }, milliseconds / 1000)
  }

  certificateRefused(): void {
    this.#refusedCertificates.inc()
  }

  certificateIssued(): void {
    this.#issuedCertificates.inc()
  }

  /** The text that Prometheus reads, and its content type. */
  async text(): Promise<{ readonly type: string; readonly body: string }> {
    return { type: this.#registry.contentType, body: await this.#registry.metrics() }
  }

  close(): void {
    this.#registry.clear()
  }
}

type Reading = readonly [name: string, help: string, read: () => number | undefined]

function addReadings(registry: Registry, sources: MetricSources): void {
  for (const [name, help, read] of [...engineReadings(sources), ...stateReadings(sources)]) {
    const gauge: Gauge = new Gauge({
      name: `strongroom_${name}`,
      help,
      registers: [registry],
      collect: () => {
        const value = read()
        if (value === undefined) gauge.remove()
        else gauge.set(value)
      },
    })
  }
}

function engineReadings({ engines }: MetricSources): Reading[] {
  const total = (figure: keyof EngineFigures) => () => {
    let sum = 0
    for (const figures of engines()) sum += figures[figure]
    return sum
  }
  return [
    ['commits', 'Durable commits of all open databases since they were opened', total('commits')],
    ['pages_sealed', 'Pages encrypted since their databases were opened', total('sealedPages')],
    ['pages_opened', 'Pages decrypted since their databases were opened', total('openedPages')],
    ['page_cache_hits', 'Pages found in memory', total('cacheHits')],
    ['page_cache_misses', 'Pages that had to be read', total('cacheMisses')],
    ['page_cache_pages', 'Pages in memory', total('cachedPages')],
    ['storage_damages', 'Reads of open databases that met damage', total('damages')],
    ['storage_bytes', 'Bytes that the files of all open databases take', total('sizeOnDiskBytes')],
  ]
}

function stateReadings(sources: MetricSources): Reading[] {
  const { databases, certificates, certificateSecondsLeft, order } = sources
  return [
    ['databases_open', 'Open databases', () => databases().open],
    [
      'databases_quarantined',
      'Databases that did not pass their checks',
      () => databases().quarantined,
    ],
    ['databases_damaged', 'Open databases in which damage was met', () => databases().damaged],
    [
      'server_store_lost',
      '1 where the files of the server store were changed or deleted under it',
      () => Number(sources.isStoreLost()),
    ],
    [
      'master_keys_removable',
      'Master keys that are loaded, and that no start needs any more',
      () => sources.removableMasterKeys(),
    ],
    ['certificates_registered', 'Registered certificates', () => certificates().registered],
    [
      'certificates_expiring',
      'Registered certificates that expire soon',
      () => certificates().expiring,
    ],
    [
      'certificates_expired',
      'Registered certificates that have expired',
      () => certificates().expired,
    ],
    ['server_certificate_expiry_seconds', 'Seconds until it expires', certificateSecondsLeft],
    [
      'server_certificate_renewal_timestamp_seconds',
      'When the next server certificate is ordered, in seconds since 1970',
      () => secondsOf(order()?.renewAt),
    ],
    [
      'server_certificate_order_failures',
      'Orders for a server certificate that failed since the last that did not',
      () => order()?.failures,
    ],
  ]
}

function secondsOf(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000
}
