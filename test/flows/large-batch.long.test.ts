/** The largest batch that is taken: others are answered meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { largeBatch, longestWaitMs } from '#test/support/answer-times.ts'
import { createDatabase, docsPath, putDocument } from '#test/support/api.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { startServer } from '#test/support/server-process.ts'

test('100,000 documents in one batch keep nobody waiting', async (t) => {
  using folder = temporaryFolder('large-batch')
  await using server = await startServer({ folder: folder.path })
  await using writer = server.caller()
  await using other = server.caller()
  await createDatabase(writer, 'large')
  await putDocument(writer, 'large', { id: 'small/1', text: '{"fine":true}' })
  const batch = writer.post('/databases/large/bulk_docs', largeBatch(100_000, 1_000))
  const waitMs = await longestWaitMs(other, { database: 'large', id: 'small/1' }, batch)
  t.diagnostic(`the longest wait was ${Math.round(waitMs)} ms`)
  assert.equal((await batch).status, 201)
  assert.equal((await other.get(docsPath('large', 'large/99999'))).status, 200)
  assert.ok(waitMs < 500, `${waitMs} ms`)
})
