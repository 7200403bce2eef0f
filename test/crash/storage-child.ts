/**
 * A process that tests may kill, or that a damaged file may kill.
 *
 * `write FOLDER`: puts documents until it is killed; a line on standard output for each put that was acknowledged. Ends by itself,
 * with the error's code as its last line, when a put is rejected.
 * `survive FOLDER…`: opens each folder, reads everything, writes; a JSON line for each: what came of it.
 */

import { inspectPages } from '#server/storage/page-store/inspect.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { hasCode } from '#shared/errors.ts'
import { openTestEngine } from '#test/support/storage.ts'
import { documentsIn, type Outcome } from './storage-documents.ts'

const [mode, ...folders] = process.argv.slice(2)
if (mode === 'write') await writeUntilKilled(folders[0] ?? '')
if (mode === 'survive') for (const folder of folders) say(await survive(folder))

async function writeUntilKilled(folder: string): Promise<void> {
  const engine = await openTestEngine(openLmdbPageStore({ folder, database: 'test' }))
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let i = 0; ; i += 1) {
      const key = `${writer}/${i}`
      const changes = [1, 2, 3].map((tree) => ({
        tree,
        key,
        value: `${key} `.repeat(1 + (i % 900)),
      }))
      await engine.submit({ changes })
      process.stdout.write(`${key}\n`)
    }
  })
  await Promise.all(writers).catch((error: { code?: string }) => {
    process.stdout.write(`${error.code}\n`)
  })
  await engine.close()
}

async function survive(folder: string): Promise<Outcome> {
  say({ folder, began: true })
  try {
    await inspectPages({ folder, database: 'test' })
    await using engine = await openTestEngine(openLmdbPageStore({ folder, database: 'test' }))
    const wrong = engine.read(wrongDocuments)
    for (let i = 0; i < 20; i += 1)
      await engine.submit({
        changes: [{ key: `new/${i}`, value: 'n'.repeat(20_000) }, { key: `doc/${i}` }],
      })
    const written = engine.read((reader) => reader.get(1, 'new/19')?.length)
    return { folder, outcome: wrong.length > 0 || written !== 20_000 ? 'wrong' : 'right', wrong }
  } catch (error) {
    const code = ['DatabaseDamaged', 'StorageFailed'].find((known) => hasCode(error, known))
    return { folder, outcome: code ?? 'uncoded', error: String(error) }
  }
}

/** Keys whose value is not the one that was written. */
function wrongDocuments(reader: Parameters<typeof documentsIn>[0]): string[] {
  const found = documentsIn(reader)
  const expected = documentsIn()
  return [...expected.keys()].filter((key) => !found.get(key)?.equals(expected.get(key) as Buffer))
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
