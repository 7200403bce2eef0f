/**
 * What becomes of an error that nobody caught. A server that serves goes on: what one caller sent, or how his connection broke, must not
 * take the others down. Only where stored data can no longer be trusted does the process end, and while it starts.
 */
import type { Logger } from '#server/log.ts'
import { hasCode } from '#shared/errors.ts'

export interface UncaughtParts {
  readonly logger: Pick<Logger, 'error'>
  /** Ends the process. */
  readonly fatal: (error: unknown) => void
  /** False while the server starts. */
  readonly isServing: () => boolean
}

/** The listener of `uncaughtException` and `unhandledRejection`. */
export function uncaughtErrors({
  logger,
  fatal,
  isServing,
}: UncaughtParts): (thrown: unknown) => void {
  return (thrown) => {
    if (!isServing() || endsProcess(thrown)) fatal(thrown)
    else logger.error({ error: thrown }, 'An error was caught by nobody; the server goes on')
  }
}

/** True where what is in memory may not be what is stored, whoever met the error. */
export function endsProcess(error: unknown): boolean {
  return hasCode(error, 'CommitInDoubt')
}
