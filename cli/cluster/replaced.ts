/** Waits until another certificate than before is served, and says meanwhile what is in the way. */
import { cliErrors } from '#cli/errors.ts'
import { waitLookMs } from '#cli/limits.ts'
import type { Clock } from '#shared/clock.ts'
import { type CodedError, hasCode } from '#shared/errors.ts'
import type { Connection } from './connect.ts'
import { inWords } from './duration.ts'
import { strongroomNamed } from './look.ts'
import { strongroomReport } from './report.ts'
import type { StrongroomReport } from './report-shape.ts'
import { problemText } from './report-text.ts'

export interface ReplacedMeans {
  readonly clock: Clock
  /** Resolves after that many milliseconds, and keeps the process alive for them. */
  readonly pause: (ms: number) => Promise<void>
  /** Told what is in the way, whenever that is something else than before. */
  readonly tell: (line: string) => void
  readonly timeoutMs: number
}

export interface Before {
  readonly name: string
  /** SHA-256 of the certificate that was issued last; nothing where none was. */
  readonly sha256: string | undefined
}

/** The certificate that every member serves now. Throws `ReplacementOverdue`, `ResourceMissing`, `ApiServerRefused`. */
export async function replaced(
  connection: Connection,
  before: Before,
  { clock, pause, tell, timeoutMs }: ReplacedMeans,
): Promise<StrongroomReport['certificate']> {
  const deadline = clock.now() + timeoutMs
  let obstacle = ''
  for (;;) {
    const seen = await lookedAt(connection, before)
    if (typeof seen !== 'string') return seen
    if (seen !== obstacle && seen !== '') tell(seen)
    obstacle = seen
    const leftMs = deadline - clock.now()
    if (leftMs <= 0) throw overdue(before, timeoutMs, obstacle)
    await pause(Math.min(leftMs, waitLookMs))
  }
}

function overdue({ name }: Before, timeoutMs: number, obstacle: string): CodedError {
  const why = obstacle === '' ? 'nothing is known to be in the way' : obstacle
  return cliErrors.ReplacementOverdue(name, inWords(timeoutMs), why)
}

/** Either the other certificate, or what is in its way, which may be empty. */
async function lookedAt(
  connection: Connection,
  before: Before,
): Promise<StrongroomReport['certificate'] | string> {
  try {
    const report = strongroomReport(await strongroomNamed(connection, before.name))
    const { sha256, isServed } = report.certificate
    const isAnother = sha256 !== undefined && sha256 !== before.sha256
    if (isAnother && isServed === true) return report.certificate
    return isAnother ? 'issued, and not served by every member yet' : obstacleIn(report)
  } catch (error) {
    // It may be back at the next look.
    if (hasCode(error, 'ApiServerUnreachable')) return error.message
    throw error
  }
}

/** Failing that, nothing: that an order goes on is no news. */
function obstacleIn({ order, conditions }: StrongroomReport): string {
  if (order?.problem !== undefined) return problemText(order.problem)
  const condition = conditions.find(({ type }) => type === 'PublicCertificateReady')
  return condition?.status === 'False' ? condition.message : ''
}
