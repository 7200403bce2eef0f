/** Changes that are computed from what is stored: done again where another write came between. */
import { systemUpdateAttemptsMax } from '#server/limits.ts'
import { hasCode } from '#shared/errors.ts'

/** Runs `attempt`, which reads anew each time, until its write meets no conflict. @throws SystemConflict after too many tries */
export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!hasCode(error, 'SystemConflict') || tries === systemUpdateAttemptsMax) throw error
    }
  }
}
