/** Errors of queries. Text: what could not be done, a colon, what was found, and the fix. */
import { defineErrors } from '#shared/errors.ts'

const client = 'Raven.Client.Exceptions.'
const badRequest = `${client}BadRequestException`
/** Valid in RavenDB and not built here yet. */
const notImplemented = `${client}NotImplementedException`
const invalidOperation = 'System.InvalidOperationException'

export const queryErrors = defineErrors({
  QueryTextMissing: {
    status: 500,
    type: invalidOperation,
    message: () => 'Cannot run the query: there is no text in "Query"',
  },
  QueryTooLong: {
    status: 400,
    type: badRequest,
    message: (characters: number, charactersMax: number) =>
      `Cannot run the query: its text has ${characters} characters, and at most ${charactersMax} are allowed; put values into parameters`,
  },
  /** A short text can stand for much work: `id() in ($p) or …` with a long list. */
  QueryTooLarge: {
    status: 400,
    type: badRequest,
    message: (what: string, countMax: number) =>
      `Cannot run the query: it has more than ${countMax} ${what} after WHERE; ask several times`,
  },
  QuerySyntax: {
    status: 500,
    type: 'Raven.Server.Documents.Queries.Parser.QueryParser+ParseException',
    message: (place: string, found: string) => `Cannot read the query: at ${place} ${found}`,
  },
  QueryInvalid: {
    status: 500,
    type: `${client}InvalidQueryException`,
    message: (found: string) => `Cannot run the query: ${found}`,
  },
  /** Valid in RavenDB, not built here yet: said instead of a wrong result. */
  QueryNotSupported: {
    status: 501,
    type: notImplemented,
    message: (construct: string) => `Cannot run the query: ${construct} is not supported yet`,
  },
})
