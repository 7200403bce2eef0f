/**
 * A start that kills itself: `server-store-child.ts FOLDER STEP`. It makes a server store and an encrypted database, and ends by
 * SIGKILL when the step is reached; with the step `none` it goes to its end and says what it found.
 */
import { join } from 'node:path'
import { openLockedMemory } from '#server/seal/locked.ts'
import { openServerStore } from '#server/system/open.ts'
import { systemClock } from '#shared/clock.ts'
import { posted, put, startCatalog, textOf } from '#test/support/catalog.ts'

const [folder = '', step = ''] = process.argv.slice(2)
const stopAt = (reached: string): void => {
  if (reached === step) process.kill(process.pid, 'SIGKILL')
}

await firstStart()
const start = await startCatalog(folder, { onStep: (reached) => stopAt(`database ${reached}`) })
if (start.catalog.find('orders') === undefined) await start.catalog.create(posted('orders'))
await put(start.catalog, 'orders', 'a/1', 'kept')
const text = await textOf(start.catalog, 'orders', 'a/1')
const { id } = start.store.system
const databases = start.catalog.list().length
await start[Symbol.asyncDispose]()
process.stdout.write(JSON.stringify({ id, databases, text }))

/** The server store alone, whose steps come before those of a database. */
async function firstStart(): Promise<void> {
  const memory = openLockedMemory()
  const store = await openServerStore({
    folder: join(folder, 'data', 'system'),
    masterKey: { kind: 'own', path: join(folder, 'keys', 'master.key') },
    memory,
    clock: systemClock,
    onStep: (reached) => stopAt(`store ${reached}`),
  })
  await store.close()
  memory.close()
}
