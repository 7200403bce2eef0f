/**
 * The names of what the operator measures, and what each means: docs/reference/metrics.md is made from this table. A name never
 * changes its meaning. Labels take few values: no name of a user's, but those of the resources whose certificates are watched.
 */

export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

/** All begin with this. */
export const metricPrefix = 'strongroom_operator_'

export const metricTable = {
  api_calls_total: {
    type: 'counter',
    help: 'Calls to the API server',
    labels: ['method', 'status'],
  },
  reconciles_total: {
    type: 'counter',
    help: 'Finished reconciles by outcome',
    labels: ['controller', 'outcome'],
  },
  queue_depth: {
    type: 'gauge',
    help: 'Keys that wait or are due later',
    labels: ['controller'],
  },
  reconcile_duration_seconds: {
    type: 'histogram',
    help: 'How long one reconcile took',
    labels: ['controller'],
  },
  reconcile_errors_total: {
    type: 'counter',
    help: 'Reconciles that failed or are stuck until somebody acts: kind is the controller, reason one word',
    labels: ['kind', 'reason'],
  },
  watch_last_event_age_seconds: {
    type: 'gauge',
    help: 'Since the API server last said anything about a kind; bookmarks come about once a minute',
    labels: ['kind'],
  },
  leader: {
    type: 'gauge',
    help: '1 in the process that works, 0 in those that wait for its lease',
    labels: [],
  },
  certificate_not_after_seconds: {
    type: 'gauge',
    help: 'Last moment of the certificate in use, in seconds since 1970',
    labels: ['kind', 'namespace', 'name'],
  },
  certificate_renewal_seconds: {
    type: 'gauge',
    help: 'When the certificate in use is due to be renewed, in seconds since 1970',
    labels: ['kind', 'namespace', 'name'],
  },
  certificate_served_mismatch: {
    type: 'gauge',
    help: '1 where a member serves another public certificate than the one that was issued, or none',
    labels: ['namespace', 'name'],
  },
  issuance_attempts_total: {
    type: 'counter',
    help: 'Finished attempts to get a certificate from an issuer',
    labels: ['result'],
  },
  acme_requests_total: {
    type: 'counter',
    help: 'Requests to certificate authorities; status is that of HTTP, or 0 where no answer came',
    labels: ['action', 'status'],
  },
  acme_rate_limited_until_seconds: {
    type: 'gauge',
    help: 'Until when an issuer may not be asked again for a certificate, in seconds since 1970; absent where it may',
    labels: ['namespace', 'issuer'],
  },
} as const satisfies Readonly<Record<string, MetricRow>>

export type MetricName = keyof typeof metricTable
