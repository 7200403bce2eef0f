/** How long others wait for their answers while a large batch is stored. */
import assert from 'node:assert/strict'
import { createDatabase, docsPath, putDocument } from './api.ts'
import type { Caller } from './caller.ts'
import { temporaryFolder } from './file-tree.ts'
import { startServer } from './server-process.ts'

/** The body of a batch of that many documents of some `bytes` each. */
function largeBatch(commands: number, bytes: number): Buffer {
  const text = 'x'.repeat(bytes)
  const puts = Array.from(
    { length: commands },
    (_, index) =>
      `{"Type":"PUT","Id":"large/${index}","ChangeVector":null,"Document":{"Number":${index},"Text":"${text}","@metadata":{"@collection":"Larges"}}}`,
  )
  return Buffer.from(`{"Commands":[${puts.join()}]}`)
}

/** Loads one document again and again until `work` ends; answers with the longest wait in milliseconds. */
async function longestWaitMs(
  other: Caller,
  document: { readonly database: string; readonly id: string },
  work: Promise<unknown>,
): Promise<number> {
  let isDone = false
  let longest = 0
  const done = work.finally(() => {
    isDone = true
  })
  while (!isDone) {
    const began = performance.now()
    const { status } = await other.get(docsPath(document.database, document.id))
    if (status !== 200) throw new Error(`the other caller got ${status}`)
    longest = Math.max(longest, performance.now() - began)
  }
  await done
  return longest
}

/** Sends one batch of that many documents of 1 kB to a server of its own; answers with the longest wait of somebody else. */
export async function waitDuringBatch(documents: number): Promise<number> {
  using folder = temporaryFolder('large-batch')
  await using server = await startServer({ folder: folder.path })
  await using writer = server.caller()
  await using other = server.caller()
  await createDatabase(writer, 'large')
  await putDocument(writer, 'large', { id: 'small/1', text: '{"fine":true}' })
  const batch = writer.post('/databases/large/bulk_docs', largeBatch(documents, 1_000))
  const waitMs = await longestWaitMs(other, { database: 'large', id: 'small/1' }, batch)
  assert.equal((await batch).status, 201)
  const last = await other.get(docsPath('large', `large/${documents - 1}`))
  assert.equal(last.status, 200)
  return waitMs
}
