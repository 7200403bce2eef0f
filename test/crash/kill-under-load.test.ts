/** SIGKILL while 16 writers write: what was acknowledged is there, what was not is whole or absent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, docsPath } from '#test/support/api.ts'
import type { Caller } from '#test/support/caller.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { resultTexts } from '#test/support/metadata-cut.ts'
import { readAll, type Sent } from '#test/support/reading.ts'
import { seeded } from '#test/support/seeded.ts'
import { startServer } from '#test/support/server-process.ts'
import { assertSame } from '#test/support/stored-documents.ts'
import { startWriters } from '#test/support/writers.ts'

const rounds = 5
const writers = 16

test(`server keeps every acknowledged write of ${writers} writers through ${rounds} kills`, async (context) => {
  using folder = temporaryFolder('kill-under-load')
  const random = seeded(16)
  const all: Sent[] = []
  for (let round = 0; round < rounds; round++) {
    await using server = await startServer({ folder: folder.path })
    await using caller = server.caller(undefined, writers)
    if (round === 0) await createDatabase(caller, 'load')
    await readAll(caller, 'load', all)
    const load = startWriters(caller, 'load', { count: writers, prefix: `round-${round}` })
    await sleep(random.whole(300, 1200))
    await server.kill()
    await load.stop()
    assert.ok(load.acknowledged.length > 0, 'nothing was written before the kill')
    all.push(...load.acknowledged)

    await using again = await startServer({ folder: folder.path })
    await using reader = again.caller()
    await readAll(reader, 'load', load.acknowledged)
    all.push(...(await wholeOrAbsent(reader, load.unanswered())))
    assert.equal(await again.stop(), 0)
  }
  context.diagnostic(`${all.length} documents, none lost`)
})

/** Those of the unanswered that are there, each as it was sent. */
async function wholeOrAbsent(reader: Caller, unanswered: readonly Sent[]): Promise<Sent[]> {
  const there: Sent[] = []
  for (const document of unanswered) {
    const answer = await reader.get(docsPath('load', document.id))
    if (answer.status === 404) continue
    assertSame(document, resultTexts(answer.text)[0] ?? 'null')
    there.push(document)
  }
  return there
}
