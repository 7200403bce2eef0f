/** Refusals in the audit log, bounded: whoever is refused can ask as often as he likes, and must not fill a disk with it. */
import type { Audit, AuditEvent } from '#server/audit/event.ts'
import { refusalLinesMax } from '#server/limits.ts'
import type { Clock } from '#shared/clock.ts'

/** One second of one caller. */
interface Second {
  readonly began: number
  /** How many were left out of the second before. */
  missing: number
  lines: number
  leftOut: number
}

/**
 * Passes on so many refusals of one caller a second; all strangers are one caller, since a new certificate costs them nothing. The
 * first line after that says how many were left out.
 */
export function boundedRefusals(
  audit: Audit,
  clock: Clock,
): (event: AuditEvent, registered: string | undefined) => void {
  // As many entries as there are registrations at most.
  const seconds = new Map<string, Second>()
  return (event, registered = '') => {
    const second = secondAt(clock.now(), seconds.get(registered))
    seconds.set(registered, second)
    if (second.lines === refusalLinesMax) second.leftOut += 1
    else {
      audit(saying(event, second.missing))
      second.lines += 1
      second.missing = 0
    }
  }
}

/** The same one, unless it is over or the clock was put back. */
function secondAt(now: number, last: Second | undefined): Second {
  if (last !== undefined && now >= last.began && now < last.began + 1_000) return last
  return { began: now, missing: last?.leftOut ?? 0, lines: 0, leftOut: 0 }
}

function saying(event: AuditEvent, missing: number): AuditEvent {
  return missing === 0 ? event : { ...event, facts: { ...event.facts, leftOutBefore: missing } }
}
