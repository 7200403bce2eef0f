/** The report for a person: what is there, what is served, what is waited for. Times are UTC, with how far off they are. */
import type {
  ClientCertificateReport,
  IssuerReport,
  OrderReport,
  StatusReport,
  StrongroomReport,
} from './report-shape.ts'
import { until } from './until.ts'

export function reportText(report: StatusReport, nowMs: number): string {
  const { strongrooms, certificates, issuers } = report
  if (strongrooms.length + certificates.length + issuers.length === 0)
    return 'No Strongroom is here.\n'
  const blocks = [
    ...strongrooms.map((one) => strongroomLines(one, nowMs)),
    ...certificates.map((one) => clientCertificateLines(one, nowMs)),
    ...issuers.map(issuerLines),
  ]
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function strongroomLines(one: StrongroomReport, nowMs: number): string[] {
  const troubles = one.conditions.filter(
    ({ type, status }) => status === 'False' && !summaries.includes(type),
  )
  return [
    `Strongroom ${one.namespace}/${one.name}`,
    ...line('Ready', readiness(one)),
    ...line('URL', one.url),
    ...line('Image', one.image),
    ...certificateLines(one.certificate, nowMs),
    ...(one.order === undefined ? [] : orderLines(one.order, nowMs)),
    ...one.members.flatMap((member) => memberLines(member, nowMs)),
    ...one.masterKeys.flatMap(({ id, fingerprint }) => line('Master key', `${id} ${fingerprint}`)),
    ...troubles.flatMap(({ type, reason, message }) => line(type, `${reason}: ${message}`)),
  ]
}

/** Conditions that only sum up the others. */
const summaries = ['Ready', 'Reconciling', 'Stalled']

function certificateLines(
  { source, issuer, sha256, notAfter, renewAt, isServed }: StrongroomReport['certificate'],
  nowMs: number,
): string[] {
  const served = { true: 'served by every member', false: 'not served by every member' } as const
  return [
    ...line('Issuer', issuer ?? source),
    ...line('Expires', until(notAfter, nowMs)),
    ...line('Renews', until(renewAt, nowMs)),
    ...line('SHA-256', sha256),
    ...(isServed === undefined ? [] : line('Serves', served[`${isServed}`])),
  ]
}

function orderLines(
  { url, status, names, failedAttempts, againAt, problem }: OrderReport,
  nowMs: number,
): string[] {
  const failed = failedAttempts === 0 ? '' : `, ${failedAttempts} failed before`
  return [
    ...line('Order', `${status ?? 'not placed yet'}${failed}`),
    ...line('  at', url),
    ...names.flatMap((one) =>
      line('  proves', [one.name, one.challenge, one.status].filter(Boolean).join(' ')),
    ),
    ...(problem === undefined ? [] : line('  problem', problemText(problem))),
    ...line('  goes on', until(againAt, nowMs)),
  ]
}

/** In a line: where it is, and what. */
export function problemText({
  name,
  challenge,
  solver,
  type,
  detail,
}: NonNullable<OrderReport['problem']>): string {
  const by = [...new Set([challenge, solver])].filter((part) => part !== undefined).join(' by ')
  const where = [name, by].filter(Boolean).join(', ')
  return `${where === '' ? '' : `${where}: `}${type}: ${detail}`
}

function memberLines(member: StrongroomReport['members'][number], nowMs: number): string[] {
  const { name, ready, version, servesSince } = member
  const shown = (['public', 'internal'] as const).flatMap((which) => {
    const certificate = member[which]
    if (certificate === undefined) return []
    return line(`  ${which}`, `${certificate.sha256} until ${until(certificate.notAfter, nowMs)}`)
  })
  return [
    ...line('Member', [name, ready ? 'ready' : 'not ready', version].filter(Boolean).join(' ')),
    ...shown,
    ...line('  since', until(servesSince, nowMs)),
  ]
}

function clientCertificateLines(one: ClientCertificateReport, nowMs: number): string[] {
  return [
    `StrongroomCertificate ${one.namespace}/${one.name}`,
    ...line('Ready', readiness(one)),
    ...line('Strongroom', one.strongroom),
    ...line('Secret', one.secretName),
    ...line('Issuer', one.issuer),
    ...line('Expires', until(one.notAfter, nowMs)),
    ...line('Renews', until(one.renewAt, nowMs)),
    ...line('Thumbprint', one.thumbprint),
  ]
}

function issuerLines(one: IssuerReport): string[] {
  return [
    `StrongroomIssuer ${one.namespace}/${one.name}`,
    ...line('Ready', readiness(one)),
    ...line('Type', one.type),
    ...line('Server', one.server),
    ...line('Account', one.account),
  ]
}

function readiness({
  ready,
  reason = '',
  message = '',
}: {
  readonly ready: string
  readonly reason?: string
  readonly message?: string
}): string {
  if (ready === 'True') return ready
  return [`${ready} ${reason}`.trim(), message].filter((part) => part !== '').join(': ')
}

/** Nothing where there is nothing to say. */
function line(label: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`  ${label.padEnd(13)} ${value}`]
}
