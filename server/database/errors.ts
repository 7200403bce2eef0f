/** Errors of documents: their JSON, ids, versions, batches, loads. Text: what could not be done, a colon, what was found, and the fix. */
import { defineErrors } from '#shared/errors.ts'

const client = 'Raven.Client.Exceptions.'
const badRequest = `${client}BadRequestException`
/** Valid in RavenDB and not built here yet. */
const notImplemented = `${client}NotImplementedException`
const argument = 'System.ArgumentException'
const invalidOperation = 'System.InvalidOperationException'

export const databaseErrors = defineErrors({
  // ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Not JSON as RFC 8259 has it. */
  JsonInvalid: {
    status: 400,
    type: badRequest,
    message: (position: number, found: string) =>
      `Cannot read the body as JSON: at byte ${position} there is ${found}`,
  },
  JsonNotUtf8: {
    status: 400,
    type: badRequest,
    message: (position: number) =>
      `Cannot read the body as JSON: at byte ${position} it is not UTF-8; send it in UTF-8`,
  },
  /** RavenDB takes the last of two; which one was meant nobody can know. */
  JsonDuplicateName: {
    status: 400,
    type: badRequest,
    message: (position: number) =>
      `Cannot read the body as JSON: the member whose name begins at byte ${position} is there twice; give each name of an object once`,
  },
  JsonTooDeep: {
    status: 400,
    type: badRequest,
    message: (position: number, depthMax: number) =>
      `Cannot read the body as JSON: at byte ${position} it is nested deeper than ${depthMax} levels`,
  },
  /** More members or elements side by side than memory should be given to. */
  JsonTooWide: {
    status: 400,
    type: badRequest,
    message: (position: number, countMax: number) =>
      `Cannot read the body as JSON: at byte ${position} there are more than ${countMax} members or elements side by side`,
  },
  JsonNameTooLong: {
    status: 400,
    type: badRequest,
    message: (position: number, bytesMax: number) =>
      `Cannot read the body as JSON: the name that begins at byte ${position} is longer than ${bytesMax} bytes`,
  },
  JsonNumberTooLong: {
    status: 400,
    type: badRequest,
    message: (position: number, bytesMax: number) =>
      `Cannot read the body as JSON: the number that begins at byte ${position} is longer than ${bytesMax} bytes`,
  },
  JsonNotAnObject: {
    status: 400,
    type: badRequest,
    message: (kind: string) =>
      `Cannot read the body: an object was expected, but it is of kind ${kind}`,
  },

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
  /** RavenDB keeps a document in the collection it was created in. */
  DocumentCollectionChanged: {
    status: 500,
    type: `${client}Documents.DocumentCollectionMismatchException`,
    message: (id: string, from: string, to: string) =>
      `Cannot move "${id}" from collection "${from}" to "${to}": a document stays in its collection; delete it and create it anew`,
  },
  DocumentIdTooLong: {
    status: 500,
    type: argument,
    message: (bytes: number, bytesMax: number) =>
      `Cannot use a document id of ${bytes} bytes: at most ${bytesMax} are allowed`,
  },
  DocumentIdHasControlCharacters: {
    status: 500,
    type: 'System.NotSupportedException',
    message: () => 'Cannot store the document: its id has control characters; leave them out',
  },
  DocumentIdNotUnicode: {
    status: 400,
    type: badRequest,
    message: () =>
      'Cannot store the document: its id has half a surrogate pair, which no text can hold; send a whole character',
  },
  CollectionNameInvalid: {
    status: 500,
    type: argument,
    message: (bytesMax: number) =>
      `Cannot store the document: the name in "@collection" is longer than ${bytesMax} bytes or no Unicode text`,
  },
  MetadataNotAnObject: {
    status: 500,
    type: 'System.FormatException',
    message: (kind: string) =>
      `Cannot store the document: its "@metadata" is of kind ${kind}, and must be an object`,
  },
  /** An identity or HiLo range would leave the numbers that JavaScript clients can hold. */
  NumbersExhausted: {
    status: 500,
    type: invalidOperation,
    message: (name: string) =>
      `Cannot give a number for "${name}": the next one is above 2^53; seed it lower`,
  },

  /** A client may write the document; numbers that it does not hold exactly would be given twice. */
  HiloDocumentInvalid: {
    status: 500,
    type: invalidOperation,
    message: (tag: string, found: string) =>
      `Cannot give numbers for "${tag}": "Max" of the document "Raven/Hilo/${tag}" is ${found}, and must be a whole number below 2^53; write it anew`,
  },
  /** A number in a record that would be kept as another one. */
  NumberNotExact: {
    status: 400,
    type: badRequest,
    message: (text: string) =>
      `Cannot read the body: the number ${text} is not kept exactly; send at most 15 digits, or a text`,
  },

  // ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────
  BatchInvalid: {
    status: 500,
    type: invalidOperation,
    message: (index: number, found: string) => `Cannot run the batch: command ${index} ${found}`,
  },
  BatchWithoutCommands: {
    status: 500,
    type: invalidOperation,
    message: () => 'Cannot run the batch: the body has no array "Commands"',
  },
  BatchCommandUnknown: {
    status: 500,
    type: 'Raven.Server.Exceptions.InvalidCommandTypeException',
    message: (index: number) =>
      `Cannot run the batch: command ${index} has a type that does not exist; types are written as in "PUT"`,
  },
  BatchCommandNotSupported: {
    status: 501,
    type: notImplemented,
    message: (type: string) =>
      `Cannot run the batch: ${type} is not supported yet; nothing of the batch was stored`,
  },
  BatchTooLarge: {
    status: 400,
    type: badRequest,
    message: (commands: number, commandsMax: number) =>
      `Cannot run the batch: it has ${commands} commands, and at most ${commandsMax} are allowed; send several`,
  },

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────
  LoadTooLarge: {
    status: 400,
    type: badRequest,
    message: (what: string, count: number, countMax: number) =>
      `Cannot load: there are ${count} ${what}, and at most ${countMax} are allowed; ask several times`,
  },
  LoadWithoutIds: {
    status: 500,
    type: argument,
    message: () => 'Cannot load: the body has no array "Ids"',
  },
})
