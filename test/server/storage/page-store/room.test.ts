import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { demandRoom, writeZeros } from '#server/storage/page-store/room.ts'
import { hasCode } from '#shared/errors.ts'
import { smallDisk } from '#test/support/small-disk.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const full = (error: unknown) => hasCode(error, 'DiskFull')

test('demandRoom() leaves nothing, also of a trial that was stopped', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'room.new'), 'left over')
  demandRoom(folder.path, { database: 'test', bytes: 100_000 })
  assert.deepEqual(await readdir(folder.path), [])
})

test('demandRoom() refuses more than any disk has', async () => {
  await using folder = await temporaryFolder()
  const bytes = Number.MAX_SAFE_INTEGER
  assert.throws(() => demandRoom(folder.path, { database: 'test', bytes }), full)
})

test('writeZeros() puts them on the disk, and refuses where it is full', async (t) => {
  await using disk = await smallDisk('1m')
  if (disk.cannot !== undefined) return t.skip(disk.cannot)
  const path = join(disk.path, 'file')
  const file = openSync(path, 'w')
  writeZeros(file, { database: 'test', from: 0, to: 20_000 })
  const { size, blocks } = await stat(path)
  assert.ok(size === 20_000 && blocks * 512 >= size)
  assert.throws(() => writeZeros(file, { database: 'test', from: 20_000, to: 3_000_000 }), full)
  closeSync(file)
})
