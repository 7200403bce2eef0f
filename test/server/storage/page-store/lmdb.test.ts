import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pagesFile } from '#server/storage/page-store/files.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { hasCode } from '#shared/errors.ts'
import { pageStoreContract } from '#test/contract/page-store.contract.ts'
import { openTestEngine, temporaryFolder } from '#test/support/storage.ts'

pageStoreContract('openLmdbPageStore()', async () => {
  const folder = await temporaryFolder()
  return {
    open: () => openLmdbPageStore({ folder: folder.path, database: 'test' }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
})

test('openLmdbPageStore() leaves two files that only their owner can read, without names in them', async () => {
  await using folder = await temporaryFolder()
  const store = openLmdbPageStore({ folder: folder.path, database: 'telling-name' })
  await store.commit({
    pages: [],
    freed: [],
    root: Buffer.alloc(600, 1),
    expectedRoot: undefined,
  })
  await store.close()
  assert.deepEqual(readdirSync(folder.path).sort(), [pagesFile, `${pagesFile}-lock`])
  assert.equal(statSync(join(folder.path, pagesFile)).mode & 0o777, 0o600)
  assert.equal(readFileSync(join(folder.path, pagesFile)).includes('telling-name'), false)
})

test('openLmdbPageStore() rejects with DiskFull on a full disk, serves what was acknowledged, and goes on once there is room', async (t) => {
  await using disk = await smallDisk()
  if (disk.cannot !== undefined) return t.skip(disk.cannot)
  const store = openLmdbPageStore({ folder: join(disk.path, 'pages'), database: 'test' })
  await using engine = await openTestEngine(store)
  const value = Buffer.alloc(20_000, 'x')
  const keys: string[] = []
  const fill = async (): Promise<void> => {
    for (let i = 0; i < 1_000; i += 1) {
      await engine.submit({ changes: [{ key: `k${i}`, value }] })
      keys.push(`k${i}`)
    }
  }
  await assert.rejects(fill(), (error) => hasCode(error, 'DiskFull'))
  for (const bytes of [400_000, 3_000_000])
    await assert.rejects(
      engine.submit({ changes: [{ key: 'more', value: Buffer.alloc(bytes) }] }),
      (error) => hasCode(error, 'DiskFull'),
    )
  assert.ok(keys.length > 20)
  for (const key of keys)
    assert.deepEqual(
      engine.read((reader) => reader.get(1, key)),
      value,
    )
  for (const key of keys.splice(0, 20)) await engine.submit({ changes: [{ key }] })
  await engine.submit({ changes: [{ key: 'again', value }] })
  assert.equal(
    engine.read((reader) => reader.count(1)),
    keys.length + 1,
  )
})

/** A file system of 4 MB: only root can have one. */
async function smallDisk(): Promise<
  AsyncDisposable & { readonly path: string; readonly cannot: string | undefined }
> {
  const folder = await temporaryFolder()
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0
  const mount = isRoot
    ? spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder.path])
    : { status: 1, stderr: 'only root can mount a small disk' }
  return {
    path: folder.path,
    cannot: mount.status === 0 ? undefined : `no small disk: ${mount.stderr}`,
    [Symbol.asyncDispose]: async () => {
      if (mount.status === 0) spawnSync('umount', [folder.path])
      await folder[Symbol.asyncDispose]()
    },
  }
}
