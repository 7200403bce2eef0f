import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pagesFile } from '#server/storage/page-store/files.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { LmdbFile } from '#server/storage/page-store/lmdb-file.ts'
import { Misshapen, readNumber } from '#server/storage/page-store/lmdb-nodes.ts'
import { openTestEngine, temporaryFolder } from '#test/support/storage.ts'

test('LmdbFile reads the state that LMDB wrote last', async () => {
  await using folder = await temporaryFolder()
  const store = openLmdbPageStore({ folder: folder.path, database: 'test' })
  await using engine = await openTestEngine(store)
  const fd = openSync(join(folder.path, pagesFile), 'r')
  const seen: number[] = []
  for (let i = 0; i < 3; i += 1) {
    await engine.submit({ changes: [{ key: `k${i}`, value: 'v' }] })
    const meta = new LmdbFile(fd).meta()
    assert.ok(meta.main.root !== undefined && meta.main.depth >= 1)
    seen.push(meta.transaction)
  }
  assert.deepEqual(
    seen,
    seen.map((_, i) => (seen[0] as number) + i),
  )
  closeSync(fd)
})

test('LmdbFile.read() refuses what lies behind the end', async () => {
  await using folder = await temporaryFolder()
  await openLmdbPageStore({ folder: folder.path, database: 'test' }).close()
  const fd = openSync(join(folder.path, pagesFile), 'r')
  const file = new LmdbFile(fd)
  assert.throws(() => file.read(file.pages), Misshapen)
  assert.equal(readNumber(file.read(1, 24), 0), 1)
  closeSync(fd)
})
