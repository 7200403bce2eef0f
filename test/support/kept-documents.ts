/** Many documents go in over mutual TLS, the process is killed, and every byte comes back. */
import assert from 'node:assert/strict'
import { createDatabase, docsPath, putBatch, putDocument, succeeded } from './api.ts'
import type { Caller } from './caller.ts'
import { temporaryFolder } from './file-tree.ts'
import { resultTexts } from './metadata-cut.ts'
import { type RealDocument, realDocuments } from './real-documents.ts'
import { startServer } from './server-process.ts'
import { assertSame } from './stored-documents.ts'

export interface Load {
  readonly seed: number
  readonly count: number
  /** One in so many goes in by a request of its own, the others in batches. */
  readonly singleEvery: number
}

const connections = 4
const batchBytesMax = 4 * 1024 * 1024
const batchCountMax = 400
const readAtOnce = 100

/** Stores them, kills the process, starts it again and compares all. Fails on the first difference. */
export async function assertKept(load: Load): Promise<void> {
  using folder = temporaryFolder('kept-documents')
  await using first = await startServer({ folder: folder.path })
  await using writer = first.caller(undefined, connections)
  await createDatabase(writer, 'real')
  await store(writer, load)
  await first.kill()

  await using second = await startServer({ folder: folder.path })
  await using reader = second.caller()
  await compareAll(reader, load)
}

async function store(writer: Caller, { seed, count, singleEvery }: Load): Promise<void> {
  const singles: RealDocument[] = []
  const batch: RealDocument[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    await Promise.all(singles.splice(0).map((document) => putDocument(writer, 'real', document)))
    await putBatch(writer, 'real', batch.splice(0))
    bytes = 0
  }
  let index = 0
  for (const document of realDocuments({ seed, count })) {
    const isSingle = index++ % singleEvery === 0
    ;(isSingle ? singles : batch).push(document)
    bytes += document.text.length
    if (bytes >= batchBytesMax || batch.length === batchCountMax) await flush()
  }
  await flush()
}

async function compareAll(reader: Caller, { seed, count }: Load): Promise<void> {
  let compared = 0
  const group: RealDocument[] = []
  const flush = async (): Promise<void> => {
    const sent = group.splice(0)
    const received = await read(reader, sent)
    for (const [place, document] of sent.entries()) assertSame(document, received[place] ?? 'null')
    compared += received.length
  }
  for (const document of realDocuments({ seed, count })) {
    group.push(document)
    if (group.length === readAtOnce) await flush()
  }
  assert.equal(compared, count)
  const statistics = succeeded(await reader.get('/databases/real/stats')).json()
  assert.equal(statistics.CountOfDocuments, count)
}

async function read(reader: Caller, group: readonly RealDocument[]): Promise<string[]> {
  const ids = { Ids: group.map(({ id }) => id) }
  const many = resultTexts(succeeded(await reader.post('/databases/real/docs', ids)).text)
  const last = group.at(-1)?.id ?? ''
  const one = resultTexts(succeeded(await reader.get(docsPath('real', last))).text)
  assert.equal(one[0], many.at(-1), 'one document reads as it does among many')
  return many
}
