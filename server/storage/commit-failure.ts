/** What a commit failed of, and whether another one may follow. */
import { AssertionError } from 'node:assert/strict'
import { errors } from '#server/errors.ts'
import { type CodedError, hasCode } from '#shared/errors.ts'

/** The error itself, or `CommitInDoubt` for a mistake of ours: what is in memory may not be what is stored then. */
export function failureOf(database: string, error: unknown): unknown {
  if (!(error instanceof AssertionError)) return error
  return Object.assign(errors.CommitInDoubt(database), { cause: error })
}

/** True where nothing may be written any more. */
export function endsWriting(failure: unknown): failure is CodedError {
  return hasCode(failure, 'DataDirectoryTaken') || hasCode(failure, 'CommitInDoubt')
}
