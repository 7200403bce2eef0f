/** SIGKILL while 16 writers write: what was acknowledged is there, what was not is whole or absent. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase } from '#test/support/api.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { assertComplete, readAll, type Sent, wholeOrAbsent } from '#test/support/reading.ts'
import { seeded } from '#test/support/seeded.ts'
import { startServer } from '#test/support/server-process.ts'
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
    all.push(...(await wholeOrAbsent(reader, 'load', load.unanswered())))
    await assertComplete(reader, 'load', all)
    assert.equal(await again.stop(), 0)
  }
  context.diagnostic(`${all.length} documents, none lost`)
})
