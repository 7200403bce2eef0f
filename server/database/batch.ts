/** Batches: many commands, one transaction. Reads the body of `bulk_docs` and writes its answer; nothing here touches the store. */

import { errors } from '#server/errors.ts'
import { batchCommandsMax } from '#server/limits.ts'
import { ravenDate } from '#shared/clock.ts'
import { foldCase } from '#shared/fold-case.ts'
import { changeVector } from './change-vector.ts'
import { databaseErrors } from './errors.ts'
import { isBlank } from './ids.ts'
import { scanJsonInSteps } from './json/scan.ts'
import type { JsonValue } from './json/value.ts'
import { splitDocument } from './metadata.ts'
import type { Command, DeleteCommand, Outcome, PutCommand } from './write-set.ts'

/** Body → `Commands` → command → its members. Documents are taken apart one by one, so that not all their members are held at once. */
const batchDepth = 3

/** Types that RavenDB knows and this version does not run. */
const laterTypes: ReadonlySet<string> = new Set([
  'PATCH',
  'BatchPATCH',
  'JsonPatch',
  'AttachmentPUT',
  'AttachmentDELETE',
  'AttachmentMOVE',
  'AttachmentCOPY',
  'CompareExchangePUT',
  'CompareExchangeDELETE',
  'ForceRevisionCreation',
  'Counters',
  'TimeSeries',
  'TimeSeriesWithIncrements',
  'TimeSeriesBulkInsert',
  'TimeSeriesCopy',
  'BatchTrackChanges',
])

export interface BatchOptions {
  /** Makes the ids that are left to the server altogether. */
  readonly newId: () => string
  readonly documentBytesMax: number
}

/** The commands of a batch, in steps for `inSlices`. Throws `DocumentTooLarge` besides its own errors. */
export function* readBatch(
  body: Buffer,
  { newId, documentBytesMax }: BatchOptions,
): Generator<number, Command[]> {
  const root = yield* scanJsonInSteps(body, batchDepth)
  if (root.kind !== 'object') throw databaseErrors.JsonNotAnObject(root.kind)
  const commands = root.get('Commands')
  if (commands?.kind !== 'array') throw databaseErrors.BatchWithoutCommands()
  for (const member of root.children) refuseUnsupported(member, batchMembers, '')
  const count = commands.children.length
  if (count > batchCommandsMax) throw databaseErrors.BatchTooLarge(count, batchCommandsMax)
  const read: Command[] = []
  for (const [index, command] of commands.children.entries()) {
    read.push(yield* readCommand(command, index, { newId, documentBytesMax }))
    yield command.end - command.start
  }
  return read
}

function* readCommand(
  command: JsonValue,
  index: number,
  options: BatchOptions,
): Generator<number, Command> {
  if (command.kind !== 'object') throw databaseErrors.BatchInvalid(index, 'is no object')
  const type = command.get('Type')?.string
  if (type === undefined) throw databaseErrors.BatchInvalid(index, 'has no text in "Type"')
  if (type === 'PUT' || type === 'DELETE') {
    for (const member of command.children)
      refuseUnsupported(member, commandMembers, ` of a ${type}`)
  }
  if (type === 'PUT') return yield* readPut(command, index, options)
  if (type === 'DELETE') return readDelete(command, index)
  if (laterTypes.has(type)) throw databaseErrors.BatchCommandNotSupported(type)
  throw databaseErrors.BatchCommandUnknown(index)
}

/** Members of a batch and of its commands → the texts, folded, that they may hold; all where nothing is listed. */
type Understood = Readonly<Record<string, readonly string[] | undefined>>

const batchMembers: Understood = { Commands: undefined, TransactionMode: ['singlenode'] }
const commandMembers: Understood = {
  ...{ Type: undefined, Id: undefined, Document: undefined, ChangeVector: undefined },
  // What the client first loaded; only `ChangeVector` asks for a check.
  OriginalChangeVector: undefined,
  ForceRevisionCreationStrategy: ['none'],
}

/** What is not understood is refused where it says anything: a batch must not be stored without what it asked for. */
function refuseUnsupported(member: JsonValue, understood: Understood, where: string): void {
  const name = member.key
  const saysNothing = member.kind === 'null' || member.kind === 'false'
  if (saysNothing && name !== 'Commands') return
  const texts = Object.hasOwn(understood, name) ? understood[name] : []
  if (texts === undefined || texts.includes(foldCase(member.string ?? ''))) return
  const shown = `${name.slice(0, 60)} ${(member.string ?? '').slice(0, 60)}`.trim()
  throw databaseErrors.BatchCommandNotSupported(`${shown}${where}`)
}

function* readPut(
  command: JsonValue,
  index: number,
  { newId, documentBytesMax }: BatchOptions,
): Generator<number, PutCommand> {
  const document = command.get('Document')
  if (document?.kind !== 'object')
    throw databaseErrors.BatchInvalid(index, 'has no object in "Document"')
  const { length } = document.bytes
  if (length > documentBytesMax) throw errors.DocumentTooLarge(length, documentBytesMax)
  const id = textIn(command, 'Id', index) ?? ''
  return {
    kind: 'put',
    id: isBlank(id) ? newId() : id,
    ...expectation(command, index),
    ...(yield* splitDocument(document.bytes)),
  }
}

function readDelete(command: JsonValue, index: number): DeleteCommand {
  const id = textIn(command, 'Id', index) ?? ''
  return { kind: 'delete', id, ...expectation(command, index) }
}

function expectation(command: JsonValue, index: number): { readonly expected?: string } {
  const expected = textIn(command, 'ChangeVector', index)
  return expected === undefined ? {} : { expected }
}

function textIn(command: JsonValue, name: string, index: number): string | undefined {
  const value = command.get(name)
  if (value === undefined || value.kind === 'null') return undefined
  if (value.string === undefined)
    throw databaseErrors.BatchInvalid(index, `has no text in "${name}"`)
  return value.string
}

/** The answer, one result for each command in the same order; in steps for `inSlices`. */
export function* batchAnswer(
  outcomes: readonly Outcome[],
  databaseId: string,
): Generator<number, string> {
  const results: string[] = []
  for (const outcome of outcomes) {
    const result = JSON.stringify(resultOf(outcome, databaseId))
    results.push(result)
    yield result.length
  }
  return `{"Results":[${results.join()}]}`
}

function resultOf(outcome: Outcome, databaseId: string): Readonly<Record<string, unknown>> {
  if (outcome.kind === 'put') {
    return {
      Type: 'PUT',
      '@id': outcome.id,
      '@collection': outcome.collection,
      '@change-vector': changeVector(outcome.etag, databaseId),
      '@last-modified': ravenDate(outcome.lastModified),
    }
  }
  const { id, deleted } = outcome as Extract<Outcome, { kind: 'delete' }>
  const result = { Id: id, Type: 'DELETE', Deleted: deleted }
  return deleted ? { ...result, ChangeVector: null } : result
}
