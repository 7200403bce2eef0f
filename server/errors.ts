/**
 * Every error that the server can answer or stop with: code, HTTP status, RavenDB's type name, text.
 * Text: what could not be done, a colon, what was found, and the fix. Never a secret, never a document's content.
 */
import { defineErrors } from '#shared/errors.ts'

const client = 'Raven.Client.Exceptions.'

export const errors = defineErrors({
  // ── documents ────────────────────────────────────────────────────────────────────────────────────────────────
  /** Optimistic concurrency: the change vector the caller expected is not the one that is stored. */
  ConcurrencyConflict: {
    status: 409,
    type: `${client}ConcurrencyException`,
    message: (id: string, expected: string, actual: string | null) =>
      actual === null
        ? `Cannot write "${id}": change vector ${expected} was expected, but the document does not exist`
        : `Cannot write "${id}": change vector ${expected === '' ? 'none (a new document)' : expected} was expected, but it is ${actual}`,
    details: (id: string, expected: string, actual: string | null) => ({
      Id: id,
      ExpectedChangeVector: expected,
      ActualChangeVector: actual,
    }),
  },
})
