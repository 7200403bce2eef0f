/** `certificate renew` and `certificate revoke` to their end: asked for, waited for where that is wished, and told as text or JSON. */
import type { Clock } from '#shared/clock.ts'
import type { Command } from './arguments.ts'
import { renew, revoke } from './certificate.ts'
import type { Connection } from './connect.ts'
import { inWords } from './duration.ts'
import { type ReplacedMeans, replaced } from './replaced.ts'
import { type Asked, certificateReport } from './report.ts'
import type { StrongroomReport } from './report-shape.ts'
import { until } from './until.ts'

type CertificateCommand = Extract<Command, { readonly kind: 'renew' | 'revoke' }>

export interface ActMeans extends Pick<ReplacedMeans, 'clock' | 'pause'> {
  /** Lines for a person who waits. */
  readonly err: (text: string) => void
}

/** What is printed. Throws what `renew`, `revoke` and `replaced` throw. */
export async function certificateAct(
  command: CertificateCommand,
  connection: Connection,
  { clock, pause, err }: ActMeans,
): Promise<string> {
  const asked = await askedFor(command, connection, clock)
  const { waitMs, json } = command
  if (waitMs === undefined) return json ? jsonText(asked) : askedText(asked)
  err(`${askedText(asked)}Waiting for it, at most ${inWords(waitMs)}.\n`)
  const tell = (line: string): void => err(`Not yet: ${line}\n`)
  const means = { clock, pause, tell, timeoutMs: waitMs }
  const served = await replaced(connection, asked, means)
  return json ? jsonText(asked, served) : servedText(asked, served, clock.now())
}

function askedFor(
  command: CertificateCommand,
  connection: Connection,
  clock: Clock,
): Promise<Asked> {
  return command.kind === 'renew'
    ? renew(connection, command.name, clock)
    : revoke(connection, command.name, command.reason)
}

function askedText({ act, namespace, name, sha256, reason }: Asked): string {
  const whose = `Strongroom ${namespace}/${name}`
  if (sha256 === undefined)
    return `A certificate is ordered for ${whose}, at once unless the CA said when it may be asked again.\n`
  return act === 'renew'
    ? `The certificate of ${whose} is renewed; the present one is served until every member has the next.\n`
    : `Certificate ${sha256} of ${whose} is revoked at the CA (${reason}); it is served until another one came in its place.\n`
}

function servedText(
  { namespace, name }: Asked,
  { sha256, notAfter }: StrongroomReport['certificate'],
  nowMs: number,
): string {
  return `Every member of Strongroom ${namespace}/${name} serves ${sha256} until ${until(notAfter, nowMs)}.\n`
}

function jsonText(asked: Asked, served?: StrongroomReport['certificate']): string {
  return `${JSON.stringify(certificateReport(asked, served), undefined, 2)}\n`
}
