/** Metrics of the operator, in Prometheus' text format. What each is called and means stands in metric-table.ts. */
import Counter from 'prom-client/lib/counter.js'
import Gauge from 'prom-client/lib/gauge.js'
import Histogram from 'prom-client/lib/histogram.js'
import Registry from 'prom-client/lib/registry.js'
import type { Clock } from '#shared/clock.ts'
import { type MetricName, metricPrefix, metricTable } from './metric-table.ts'
import { addProcessMetrics } from './process-metrics.ts'
import type { Outcome } from './runtime/outcome.ts'

/** How an attempt to get a certificate from an issuer ended. */
export type IssuanceResult = 'issued' | 'failed' | 'rate-limited'

export interface OperatorMetrics {
  /** A finished call to the API server. */
  readonly apiCall: (method: string, status: number) => void
  /** A finished reconcile, and how long it took. */
  readonly reconciled: (controller: string, outcome: Outcome, milliseconds: number) => void
  readonly watchQueue: (controller: string, depth: () => number) => void
  /** The API server said something about a kind, in one of the namespaces that are watched (`''`: all). */
  readonly heard: (kind: string, namespace: string) => void
  /** From now on this process leads. */
  readonly leads: () => void
  /** An exchange with a CA, as `httpsAcme()` counts them; status 0 where no answer came. */
  readonly acmeRequest: (exchange: { readonly action: string; readonly status: number }) => void
  /** An attempt to get a certificate from an issuer has ended. */
  readonly issuance: (result: IssuanceResult) => void
  /** Where the state of certificates is read from, whenever somebody asks. */
  readonly watchCertificates: (readings: () => CertificateReadings) => void
  readonly text: () => Promise<string>
}

/** What the statuses of the resources say about certificates. Times are milliseconds since 1970. */
export interface CertificateReadings {
  readonly certificates: readonly CertificateReading[]
  readonly rateLimits: readonly RateLimit[]
}

export interface CertificateReading {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly notAfterMs?: number
  readonly renewAtMs?: number
  /** Left out where nothing is served. */
  readonly isMismatched?: boolean
}

export interface RateLimit {
  readonly namespace: string
  readonly issuer: string
  readonly untilMs: number
}

/** Longest: a reconcile that calls a server which does not answer. */
const durationBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

export function metricsOf(clock: Clock): OperatorMetrics {
  const registry = new Registry()
  addProcessMetrics(registry)
  const calls = counter(registry, 'api_calls_total')
  const acme = counter(registry, 'acme_requests_total')
  const issuances = counter(registry, 'issuance_attempts_total')
  const leader = gauge(registry, 'leader')
  leader.set(0)
  return {
    apiCall: (method, status) => calls.inc({ method, status: String(status) }),
    reconciled: reconcileMetrics(registry),
    watchQueue: queueMetrics(registry),
    heard: watchMetrics(registry, clock),
    leads: () => leader.set(1),
    acmeRequest: ({ action, status }) => acme.inc({ action, status: String(status) }),
    issuance: (result) => issuances.inc({ result }),
    watchCertificates: certificateMetrics(registry),
    text: () => registry.metrics(),
  }
}

function reconcileMetrics(registry: Registry): OperatorMetrics['reconciled'] {
  const reconciles = counter(registry, 'reconciles_total')
  const errors = counter(registry, 'reconcile_errors_total')
  const durations = new Histogram({
    ...described('reconcile_duration_seconds', registry),
    buckets: durationBuckets,
  })
  return (controller, outcome, milliseconds) => {
    reconciles.inc({ controller, outcome: outcome.kind })
    durations.observe({ controller }, milliseconds / 1000)
    const reason = reasonOf(outcome)
    if (reason !== undefined) errors.inc({ kind: controller, reason })
  }
}

function queueMetrics(registry: Registry): OperatorMetrics['watchQueue'] {
  const depths = new Map<string, () => number>()
  gauge(registry, 'queue_depth', (metric) => {
    for (const [controller, depth] of depths) metric.set({ controller }, depth())
  })
  return (controller, depth) => {
    depths.set(controller, depth)
  }
}

/** Of several namespaces the one that was silent for longest counts. */
function watchMetrics(registry: Registry, clock: Clock): OperatorMetrics['heard'] {
  const heardAt = new Map<string, Map<string, number>>()
  gauge(registry, 'watch_last_event_age_seconds', (metric) => {
    const now = clock.now()
    for (const [kind, places] of heardAt)
      metric.set({ kind }, (now - Math.min(...places.values())) / 1000)
  })
  return (kind, namespace) => {
    const places = heardAt.get(kind) ?? new Map<string, number>()
    heardAt.set(kind, places.set(namespace, clock.now()))
  }
}

/** Emptied at each reading: a resource that is gone has no line. */
function certificateMetrics(registry: Registry): OperatorMetrics['watchCertificates'] {
  let read = (): CertificateReadings => ({ certificates: [], rateLimits: [] })
  const ofCertificates = (
    name: MetricName,
    value: (reading: CertificateReading) => number | undefined,
  ): void => {
    gauge(registry, name, (metric) => {
      metric.reset()
      for (const reading of read().certificates) {
        const found = value(reading)
        if (found !== undefined) metric.set(labelsOf(name, reading), found)
      }
    })
  }
  ofCertificates('certificate_not_after_seconds', ({ notAfterMs }) => seconds(notAfterMs))
  ofCertificates('certificate_renewal_seconds', ({ renewAtMs }) => seconds(renewAtMs))
  ofCertificates('certificate_served_mismatch', ({ isMismatched }) =>
    isMismatched === undefined ? undefined : Number(isMismatched),
  )
  gauge(registry, 'acme_rate_limited_until_seconds', (metric) => {
    metric.reset()
    for (const { namespace, issuer, untilMs } of read().rateLimits)
      metric.set({ namespace, issuer }, untilMs / 1000)
  })
  return (readings) => {
    read = readings
  }
}

function labelsOf(name: MetricName, reading: CertificateReading): Record<string, string> {
  const { kind, namespace, name: resource } = reading
  const all: Record<string, string> = { kind, namespace, name: resource }
  return Object.fromEntries(metricTable[name].labels.map((label) => [label, all[label] ?? '']))
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000
}

/** One word: the code or reason that the error bears, else the name of its class. Never its text. */
function reasonOf(outcome: Outcome): string | undefined {
  if (outcome.kind === 'stalled') return outcome.reason
  if (outcome.kind !== 'retry') return undefined
  const { error } = outcome
  if (!(error instanceof Error)) return 'Unknown'
  const words = [Reflect.get(error, 'reason'), Reflect.get(error, 'code'), error.name]
  return words.find((word) => typeof word === 'string' && /^\w{1,64}$/.test(word)) ?? 'Unknown'
}

interface Described {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly registers: Registry[]
}

function described(name: MetricName, registry: Registry): Described {
  const { help, labels } = metricTable[name]
  return { name: `${metricPrefix}${name}`, help, labelNames: labels, registers: [registry] }
}

function counter(registry: Registry, name: MetricName): Counter {
  return new Counter(described(name, registry))
}

function gauge(
  registry: Registry,
  name: MetricName,
  collect: (metric: Gauge) => void = () => undefined,
): Gauge {
  return new Gauge({
    ...described(name, registry),
    collect() {
      collect(this)
    },
  })
}
