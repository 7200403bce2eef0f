/** Two servers on one folder: the older stops with its coded error, and nothing of the newer is overwritten. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase } from '#test/support/api.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { assertComplete, readAll, wholeOrAbsent } from '#test/support/reading.ts'
import { startServer } from '#test/support/server-process.ts'
import { startWriters } from '#test/support/writers.ts'

test('the older of two servers on one folder stops with DataDirectoryTaken, and loses and breaks nothing', async () => {
  using folder = temporaryFolder('two-owners')
  await using older = await startServer({ folder: folder.path })
  await using toOlder = older.caller(undefined, 4)
  await createDatabase(toOlder, 'contested')
  const first = startWriters(toOlder, 'contested', { count: 4, prefix: 'older' })
  await sleep(300)

  await using newer = await startServer({ folder: folder.path })
  await using toNewer = newer.caller(undefined, 4)
  const ended = older.alive ? once(older.child, 'exit') : Promise.resolve()
  await readAll(toNewer, 'contested', [...first.acknowledged])
  const second = startWriters(toNewer, 'contested', { count: 4, prefix: 'newer' })
  await ended
  await first.stop()
  await sleep(300)
  await second.stop()

  assert.notEqual(older.child.exitCode, 0, 'it must not look like a wanted stop')
  assert.notEqual(older.child.exitCode, null, `it was killed by ${older.child.signalCode}`)
  assert.match(older.log(), /DataDirectoryTaken/)
  assert.ok(newer.alive, newer.log())
  assert.ok(first.acknowledged.length > 0 && second.acknowledged.length > 0)
  const all = [...first.acknowledged, ...second.acknowledged]
  await readAll(toNewer, 'contested', all)
  all.push(...(await wholeOrAbsent(toNewer, 'contested', first.unanswered())))
  await assertComplete(toNewer, 'contested', all)
  assert.equal(await newer.stop(), 0)

  await using third = await startServer({ folder: folder.path })
  await using reader = third.caller()
  await readAll(reader, 'contested', all)
  await assertComplete(reader, 'contested', all)
})
