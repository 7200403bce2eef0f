/** Two servers on one folder while clients write to both: the newer owns it, and nothing that was acknowledged is lost. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase } from './api.ts'
import { assertComplete, readAll, wholeOrAbsent } from './reading.ts'
import { type ServerProcess, startServer, type Wish } from './server-process.ts'
import { startWriters } from './writers.ts'

export interface Contest {
  /** What each of the servers starts with. */
  readonly start: Wish
  /** Looks at both once the older has ended. */
  readonly look: (older: ServerProcess, newer: ServerProcess) => void
  /** Ends the newer, before the folder is opened once more. */
  readonly end: (newer: ServerProcess) => Promise<void>
}

export async function contest({ start, look, end }: Contest): Promise<void> {
  await using older = await startServer(start)
  await using toOlder = older.caller(undefined, 4)
  await createDatabase(toOlder, 'contested')
  const first = startWriters(toOlder, 'contested', { count: 4, prefix: 'older' })
  await sleep(300)

  await using newer = await startServer(start)
  await using toNewer = newer.caller(undefined, 4)
  const ended = older.alive ? once(older.child, 'exit') : Promise.resolve()
  await readAll(toNewer, 'contested', [...first.acknowledged])
  const second = startWriters(toNewer, 'contested', { count: 4, prefix: 'newer' })
  await ended
  await first.stop()
  await sleep(300)
  await second.stop()

  assert.match(older.log(), /DataDirectoryTaken/)
  assert.ok(newer.alive, newer.log())
  look(older, newer)
  assert.ok(first.acknowledged.length > 0 && second.acknowledged.length > 0)
  const all = [...first.acknowledged, ...second.acknowledged]
  await readAll(toNewer, 'contested', all)
  all.push(...(await wholeOrAbsent(toNewer, 'contested', first.unanswered())))
  await assertComplete(toNewer, 'contested', all)
  await end(newer)

  await using third = await startServer(start)
  await using reader = third.caller()
  await readAll(reader, 'contested', all)
  await assertComplete(reader, 'contested', all)
}
