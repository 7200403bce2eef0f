import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pagesFile } from '#server/storage/page-store/files.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { CodedError, hasCode } from '#shared/errors.ts'
import { isFileError } from '#shared/files.ts'
import { pageStoreContract } from '#test/contract/page-store.contract.ts'
import { smallDisk } from '#test/support/small-disk.ts'
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

/** Changes what an open store trusts, by name or in place. */
const intrusions: readonly {
  readonly name: string
  readonly change: (file: string) => void
  /** What a commit says then. */
  readonly code: string
}[] = [
  { name: 'cut to nothing', change: (file) => truncateSync(file, 0), code: 'any' },
  { name: 'cut to a byte', change: (file) => truncateSync(file, 1), code: 'DatabaseDamaged' },
  { name: 'cut in the middle', change: (file) => truncateSync(file, 20_000), code: 'any' },
  { name: 'filled with zeros', change: (file) => fill(file, 0), code: 'DatabaseDamaged' },
  { name: 'filled with ones', change: (file) => fill(file, 0xff), code: 'DatabaseDamaged' },
  { name: 'made longer', change: (file) => appendFileSync(file, 'x'), code: 'DataFileChanged' },
  { name: 'deleted', change: (file) => rmSync(file), code: 'DataFileGone' },
]

function fill(file: string, byte: number): void {
  writeFileSync(file, Buffer.alloc(statSync(file).size, byte))
}

for (const { name, change, code } of intrusions)
  test(`LmdbPageStore whose file is ${name} under it gives coded errors and right pages, and leaves LMDB alone`, async () => {
    await using folder = await temporaryFolder()
    const store = openLmdbPageStore({ folder: folder.path, database: 'test' })
    const pages = Array.from({ length: 20 }, (_, i) => ({
      page: i + 1,
      bytes: Buffer.alloc(8_168, i),
    }))
    const root = Buffer.alloc(600, 1)
    await store.commit({ pages, freed: [], root, expectedRoot: undefined })
    change(join(folder.path, pagesFile))
    const next = { pages: [], freed: [], root: Buffer.alloc(600, 2), expectedRoot: root }
    await assert.rejects(
      store.commit(next),
      (error) => error instanceof CodedError && (code === 'any' || error.code === code),
    )
    for (const { page, bytes } of pages)
      try {
        const found = store.read(page)
        if (found !== undefined) assert.deepEqual(found, bytes)
      } catch (error) {
        assert.ok(error instanceof CodedError, String(error))
      }
    await store.close()
  })

test('LmdbPageStore whose lock file is cut off under it gives coded errors and right pages, and can be closed', async () => {
  await using folder = await temporaryFolder()
  const store = openLmdbPageStore({ folder: folder.path, database: 'test' })
  const root = Buffer.alloc(600, 1)
  const bytes = Buffer.alloc(8_168, 3)
  await store.commit({ pages: [{ page: 1, bytes }], freed: [], root, expectedRoot: undefined })
  truncateSync(join(folder.path, `${pagesFile}-lock`), 0)
  const next = { pages: [], freed: [], root, expectedRoot: root }
  await assert.rejects(store.commit(next), (error) => hasCode(error, 'DataFileChanged'))
  assert.deepEqual(store.read(1), bytes)
  await store.close()
  const again = openLmdbPageStore({ folder: folder.path, database: 'test' })
  await again.commit({ ...next, expectedRoot: root })
  await again.close()
})

test('openLmdbPageStore() on a full disk is DiskFull at every amount of room that is left, and succeeds once there is more', async (t) => {
  await using disk = await smallDisk('1m')
  if (disk.cannot !== undefined) return t.skip(disk.cannot)
  const filler = join(disk.path, 'filler')
  for (const left of [0, 4, 8, 12, 16, 20, 24, 32, 64, 128]) {
    rmSync(filler, { force: true })
    writeFileSync(filler, Buffer.alloc((1_024 - left - 4) * 1_024))
    const folder = join(disk.path, 'pages')
    assert.throws(
      () => openLmdbPageStore({ folder, database: 'test' }),
      (error) => hasCode(error, 'DiskFull') || isFileError(error, 'ENOSPC'),
      `${left} KiB left`,
    )
    rmSync(folder, { recursive: true, force: true })
  }
  rmSync(filler)
  await openLmdbPageStore({ folder: join(disk.path, 'pages'), database: 'test' }).close()
})

test('openLmdbPageStore() makes its lock file whole: a hole in it would end the process on a full disk', async () => {
  await using folder = await temporaryFolder()
  await openLmdbPageStore({ folder: folder.path, database: 'test' }).close()
  const { size, blocks } = statSync(join(folder.path, `${pagesFile}-lock`))
  assert.ok(blocks * 512 >= size, `${blocks * 512} of ${size} bytes are on the disk`)
})

for (const name of [pagesFile, `${pagesFile}-lock`])
  test(`openLmdbPageStore() follows no link in the place of ${name}`, async () => {
    await using folder = await temporaryFolder()
    const elsewhere = join(folder.path, 'elsewhere')
    writeFileSync(elsewhere, '')
    const own = join(folder.path, 'own')
    mkdirSync(own)
    symlinkSync(elsewhere, join(own, name))
    assert.throws(
      () => openLmdbPageStore({ folder: own, database: 'test' }),
      (error) => hasCode(error, 'DataFileForeign'),
    )
    assert.equal(statSync(elsewhere).size, 0)
  })

for (const readers of [0, 1])
  test(`openLmdbPageStore() does not grow when the same is written ten times, in one commit each, ${readers === 0 ? 'without a reader' : 'beside a reader of the first state'}`, async () => {
    await using folder = await temporaryFolder()
    const store = openLmdbPageStore({ folder: folder.path, database: 'test' })
    await using engine = await openTestEngine(store)
    const bytes = 12_000_000
    const write = (round: number) => {
      const value = Buffer.alloc(bytes / 20, round + 1)
      const changes = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, value }))
      return engine.submit({ changes })
    }
    await write(0)
    using held = readers === 0 ? undefined : engine.snapshot()
    // The state before, the state that is written, what was freed by it, and what a reader holds.
    for (let round = 1; round < 5; round += 1) await write(round)
    const settled = store.sizeBytes()
    for (let round = 5; round < 10; round += 1) await write(round)
    assert.ok(store.sizeBytes() - settled < bytes / 10, `${settled} became ${store.sizeBytes()}`)
    assert.ok(settled < (5 + readers) * bytes, `${settled} bytes for ${bytes}`)
    assert.equal(held?.get(1, 'k0')?.[0] ?? 1, 1)
  })
