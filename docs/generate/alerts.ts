/** Alerts that are worth having, in Prometheus' own language, for the end of docs/reference/metrics.md. */

export interface Alert {
  readonly name: string
  readonly expression: string
  /** What it means, and what to do. */
  readonly meaning: string
}

const after = 'strongroom_operator_certificate_not_after_seconds'
const renewal = 'strongroom_operator_certificate_renewal_seconds'
const requests = 'strongroom_operator_acme_requests_total'
const ownEnd = 'strongroom_server_certificate_expiry_seconds'
const ownRenewal = 'strongroom_server_certificate_renewal_timestamp_seconds'

/** By what is left, not by days: the same holds for a life of 90 days and for one of five minutes. */
export const alerts: readonly Alert[] = [
  {
    name: 'RenewalOverdue',
    expression: `time() - ${renewal} > (${after} - ${renewal}) / 4`,
    meaning:
      'A renewal is due since a quarter of the time that was left for it; the certificate is served on. `kubectl strongroom status` says what is in the way',
  },
  {
    name: 'CertificateEndsSoon',
    expression: `${after} - time() < 14 * 86400 unless ${renewal}`,
    meaning: 'One that you brought yourself, and nobody renews, has two weeks left',
  },
  {
    name: 'CertificateHasEnded',
    expression: `${after} <= time()`,
    meaning: 'Callers who verify it refuse it',
  },
  {
    name: 'OtherCertificateServed',
    expression: 'strongroom_operator_certificate_served_mismatch == 1',
    meaning: 'For longer than five minutes: a member did not take the certificate over',
  },
  {
    name: 'IssuerAway',
    expression: `sum(increase(${requests}{status="0"}[15m])) > 0 unless sum(increase(${requests}{status!="0"}[15m])) > 0`,
    meaning: 'No certificate authority that is asked gives any answer',
  },
  {
    name: 'IssuerHadTooMuch',
    expression: 'strongroom_operator_acme_rate_limited_until_seconds > time()',
    meaning: 'The authority named a time until which it is not asked again',
  },
  {
    name: 'OrdersFail',
    expression: 'increase(strongroom_operator_issuance_attempts_total{result="failed"}[6h]) > 2',
    meaning: 'Orders were refused again and again: each refusal counts at the authority',
  },
  {
    name: 'NobodyWorks',
    expression: 'max(strongroom_operator_leader) < 1 or absent(strongroom_operator_leader)',
    meaning: 'For longer than five minutes: no process of the operator leads, or none is asked',
  },
  {
    name: 'ServerRenewalOverdue',
    expression: `time() - ${ownRenewal} > ${ownEnd} / 3`,
    meaning: 'As `RenewalOverdue`, of a server that orders by itself, without Kubernetes',
  },
]

export function alertsSection(rows: readonly Alert[]): string {
  return `
## Alerts

None is installed for you. What is asked of a certificate is asked by the time that it has left, so one rule fits lives of 90 days and of five minutes. The last
is about a server without Kubernetes, whose own metrics are at \`/metrics\`.

${rows.map(section).join('\n')}`
}

function section({ name, expression, meaning }: Alert): string {
  return `\`${name}\`: ${meaning}.\n\n\`\`\`promql\n${expression}\n\`\`\`\n`
}
