/** Runs a plan: counts, then answers as a stream from one view of the store, in the shape of 7.2. */
import { createHash } from 'node:crypto'
import { type Database, releasing } from '#server/database/database.ts'
import { document } from '#server/database/documents.ts'
import { databaseErrors } from '#server/database/errors.ts'
import { idKey } from '#server/database/ids.ts'
import { gatherIncludes } from '#server/database/includes.ts'
import { joined, pageOf } from '#server/database/listing.ts'
import { joinDocument, joinMetadata, joinNamed } from '#server/database/metadata.ts'
import { inSlices, Slices } from '#server/database/slices.ts'
import type { DocumentRecord } from '#server/database/tables.ts'
import { queryIncludesMax } from '#server/limits.ts'
import type { Reader } from '#server/storage/engine.types.ts'
import type { Clock } from '#shared/clock.ts'
import { count, keysOf, type Scope, scopeOf } from './keys.ts'
import type { Plan } from './plan.ts'

export interface RunRequest {
  readonly plan: Plan
  /** What tells this query from others: its text, parameters and page, as they came. */
  readonly identity: string
  readonly metadataOnly: boolean
  /** The version of the result that the caller has. */
  readonly known: string | undefined
  readonly clock: Clock
}

export type QueryAnswer =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'found'; readonly etag: string; readonly body: AsyncGenerator<Buffer> }

/** The stream must be read to its end or returned: it holds a view of the store. */
export async function runQuery(database: Database, request: RunRequest): Promise<QueryAnswer> {
  const began = request.clock.now()
  const view = database.snapshot()
  try {
    const scope = scopeOf(view, request.plan.collection)
    const etag = resultEtag(request, { databaseId: database.id, view, scope })
    if (String(etag) === request.known) {
      view[Symbol.dispose]()
      return { kind: 'unchanged' }
    }
    const run = new Run(database.id, view, request)
    const keys = scope === undefined ? noKeys : await keysOf(view, request.plan, scope)
    const total = await totalOf(request.plan, scope, keys)
    const durationMs = request.clock.now() - began
    const body = run.answer(keys(), { total, etag, durationMs })
    return { kind: 'found', etag: String(etag), body: releasing(view, body) }
  } catch (error) {
    view[Symbol.dispose]()
    throw error
  }
}

type Keys = Iterable<string | undefined>

const noKeys = (): Keys => []

async function totalOf(
  { isMeant, testsPerKey }: Plan,
  scope: Scope | undefined,
  keys: () => Keys,
): Promise<number> {
  return isMeant === undefined ? (scope?.documents ?? 0) : count(keys(), testsPerKey)
}

/**
 * The same number for the same result, another after each change that could concern it: of the collection, or of anything where other
 * documents are included. RavenDB's clients read it as a number, so it stays below 2^53.
 */
function resultEtag(
  { plan, identity, metadataOnly }: RunRequest,
  seen: { readonly databaseId: string; readonly view: Reader; readonly scope: Scope | undefined },
): number {
  const { databaseId, view, scope } = seen
  const lastEtag = plan.includes.length > 0 ? view.lastEtag : (scope?.lastEtag ?? 0)
  const text = JSON.stringify([databaseId, lastEtag, scope?.documents, metadataOnly, identity])
  return createHash('sha256').update(text).digest().readUIntBE(0, 6)
}

interface Outcome {
  readonly total: number
  readonly etag: number
  readonly durationMs: number
}

/** What RavenDB answers where no index had a part in it. */
const never = '0001-01-01T00:00:00.0000000Z'

class Run {
  readonly #databaseId: string
  readonly #view: Reader
  readonly #plan: Plan
  readonly #metadataOnly: boolean
  /** Ids that documents named, and keys that were answered anyway. */
  readonly #named = new Set<string>()
  readonly #answered = new Set<string>()

  constructor(databaseId: string, view: Reader, { plan, metadataOnly }: RunRequest) {
    this.#databaseId = databaseId
    this.#view = view
    this.#plan = plan
    this.#metadataOnly = metadataOnly
  }

  async *answer(keys: Keys, outcome: Outcome): AsyncGenerator<Buffer> {
    yield* joined(`${this.#head(outcome)}[`, this.#results(keys), ']')
    yield* joined(',"Includes":{', this.#includes(), '}')
    yield Buffer.from(
      `,"IndexTimestamp":"${never}","LastQueryTime":"${never}","IsStale":false,"ResultEtag":${outcome.etag},"NodeTag":"A"}`,
    )
  }

  #head({ total, durationMs }: Outcome): string {
    const { limit, includes, collection } = this.#plan
    const capped = limit && { CappedMaxResults: Math.min(limit.count, total - limit.offset) }
    const head = JSON.stringify({
      TotalResults: total,
      ...capped,
      ScannedResults: 0,
      SkippedResults: 0,
      DurationInMs: durationMs,
      IncludedPaths: includes.length === 0 ? null : includes.map((path) => path.text),
      IndexName: `collection/${collection}`,
      Results: [],
    })
    return head.slice(0, -'[]}'.length)
  }

  async *#results(keys: Keys): AsyncGenerator<Buffer> {
    const join = this.#metadataOnly ? joinMetadata : joinDocument
    const { start, pageSize, includes, testsPerKey: stepsPerKey } = this.#plan
    for await (const record of pageOf(this.#view, keys, { start, pageSize, stepsPerKey })) {
      if (includes.length > 0) {
        await inSlices(gatherIncludes(record, includes, this.#named))
        this.#answered.add(idKey(record.id))
        const count = this.#named.size + this.#answered.size
        if (count > queryIncludesMax)
          throw databaseErrors.LoadTooLarge('documents to include', count, queryIncludesMax)
      }
      yield join(record, this.#databaseId)
    }
  }

  async *#includes(): AsyncGenerator<Buffer> {
    const slices = new Slices()
    for (const id of this.#named) {
      const record = this.#notYetAnswered(id)
      if (record !== undefined) yield joinNamed(record, this.#databaseId)
      await slices.done(record?.body.length ?? 0)
    }
  }

  #notYetAnswered(id: string): DocumentRecord | undefined {
    const key = idKey(id)
    if (this.#answered.has(key)) return undefined
    this.#answered.add(key)
    return document(this.#view, id)
  }
}
