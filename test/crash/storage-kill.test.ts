import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { checkStore } from '#server/storage/check.ts'
import { inspectPages } from '#server/storage/page-store/inspect.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { openTestEngine, temporaryFolder, testSealer } from '#test/support/storage.ts'

const rounds = 4

test('a killed process loses nothing that it acknowledged, and leaves no pages behind', async () => {
  await using folder = await temporaryFolder()
  const acknowledged = new Set<string>()
  for (let round = 0; round < rounds; round += 1) {
    for (const key of await writeAndKill(folder.path, 300 + 170 * round)) acknowledged.add(key)
    await inspectPages({ folder: folder.path, database: 'test' })
    const engine = await openTestEngine(
      openLmdbPageStore({ folder: folder.path, database: 'test' }),
    )
    engine.read((reader) => {
      for (const tree of [1, 2, 3]) {
        for (const key of acknowledged) {
          const value = reader.get(tree, key)?.toString()
          const index = Number(key.split('/')[1])
          assert.equal(value, `${key} `.repeat(1 + (index % 900)))
        }
        assert.equal(
          reader.count(tree),
          reader.count(1),
          'a write-set is there in all trees or in none',
        )
      }
    })
    await engine.close()
    const store = openLmdbPageStore({ folder: folder.path, database: 'test' })
    const report = await checkStore({ store, sealer: testSealer() })
    assert.deepEqual(report.problems, [])
    await store.close()
  }
  assert.ok(acknowledged.size > 100, `${acknowledged.size} puts were acknowledged`)
})

test('a process that opens a folder later stops the one that writes there, and nothing of it is overwritten', async () => {
  await using folder = await temporaryFolder()
  const script = join(import.meta.dirname, 'storage-child.ts')
  const child = spawn(process.execPath, [script, 'write', folder.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const open = () => openTestEngine(openLmdbPageStore({ folder: folder.path, database: 'test' }))
  let later: Awaited<ReturnType<typeof open>> | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    // The earlier one commits all the time: it may win the race for the root a few times.
    while (lines.length === 200 && later === undefined) later = await open().catch(() => undefined)
  }
  assert.ok(later !== undefined)
  assert.equal(lines.pop(), 'DataDirectoryTaken')
  await later.submit({ changes: [{ key: 'later', value: 'mine' }] })
  for (const key of lines)
    assert.ok(
      later.read((reader) => reader.get(1, key)),
      key,
    )
  await later.close()
  const store = openLmdbPageStore({ folder: folder.path, database: 'test' })
  assert.deepEqual((await checkStore({ store, sealer: testSealer() })).problems, [])
  await store.close()
})

async function writeAndKill(folder: string, afterMs: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'storage-child.ts')
  const child = spawn(process.execPath, [script, 'write', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const keys: string[] = []
  let killed = false
  for await (const line of createInterface({ input: child.stdout })) {
    keys.push(line)
    if (killed) continue
    killed = true
    wait(afterMs).then(() => child.kill('SIGKILL'))
  }
  assert.equal(child.signalCode ?? 'SIGKILL', 'SIGKILL')
  return keys
}
