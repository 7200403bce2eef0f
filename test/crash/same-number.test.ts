/**
 * Two servers on one folder that have the same process number, as in two containers on one machine: LMDB gives only the first of
 * them a reader slot. The newer takes the folder over all the same.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase } from '#test/support/api.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { assertComplete, readAll, wholeOrAbsent } from '#test/support/reading.ts'
import { startServer } from '#test/support/server-process.ts'
import { startWriters } from '#test/support/writers.ts'

/** What the server ends with where it cannot go on. */
const fatalExit = 70
/** Runs a program as number 1 of a numbering of its own. */
const within = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']

test('the newer of two servers that are both process 1 owns the folder, the older stops with DataDirectoryTaken, and nothing is lost', {
  timeout: 60_000,
}, async (t) => {
  const cannot = withoutNumbering()
  if (cannot !== undefined) return t.skip(cannot)
  using folder = temporaryFolder('same-number')
  await using older = await startServer({ folder: folder.path, within })
  await using toOlder = older.caller(undefined, 4)
  await createDatabase(toOlder, 'contested')
  const first = startWriters(toOlder, 'contested', { count: 4, prefix: 'older' })
  await sleep(300)

  await using newer = await startServer({ folder: folder.path, within })
  await using toNewer = newer.caller(undefined, 4)
  const ended = older.alive ? once(older.child, 'exit') : Promise.resolve()
  await readAll(toNewer, 'contested', [...first.acknowledged])
  const second = startWriters(toNewer, 'contested', { count: 4, prefix: 'newer' })
  await ended
  await first.stop()
  await sleep(300)
  await second.stop()

  assert.match(older.log(), /DataDirectoryTaken/)
  assert.equal(older.child.exitCode, fatalExit, older.log())
  assert.ok(newer.alive, newer.log())
  assert.doesNotMatch(newer.log(), /DatabaseDamaged|DataDirectoryTaken/)
  assert.ok(first.acknowledged.length > 0 && second.acknowledged.length > 0)
  const all = [...first.acknowledged, ...second.acknowledged]
  await readAll(toNewer, 'contested', all)
  all.push(...(await wholeOrAbsent(toNewer, 'contested', first.unanswered())))
  await assertComplete(toNewer, 'contested', all)
  await newer.kill()

  await using third = await startServer({ folder: folder.path, within })
  await using reader = third.caller()
  await readAll(reader, 'contested', all)
  await assertComplete(reader, 'contested', all)
})

/** Why this machine has no second numbering of processes. */
function withoutNumbering(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has numberings of processes apart'
  if (process.getuid?.() !== 0) return 'only root can make a numbering of processes'
  const [program = '', ...before] = within
  const { status, stderr, error } = spawnSync(program, [...before, 'true'], { encoding: 'utf8' })
  return status === 0 ? undefined : `no numbering of processes: ${error?.message ?? stderr}`
}
