import assert from 'node:assert/strict'
import {
  appendFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockFile, pagesFile } from '#server/storage/page-store/files.ts'
import { OpenFiles } from '#server/storage/page-store/open-files.ts'
import { hasCode } from '#shared/errors.ts'
import { temporaryFolder } from '#test/support/storage.ts'

async function opened() {
  const folder = await temporaryFolder()
  const at = (name: string) => join(folder.path, name)
  const files = new OpenFiles(folder.path, 'test')
  writeFileSync(at(pagesFile), Buffer.alloc(16_384))
  files.opened()
  return {
    ...{ files, at },
    [Symbol.asyncDispose]: () => {
      files.close()
      return folder[Symbol.asyncDispose]()
    },
  }
}

test('OpenFiles makes a lock file without holes', async () => {
  await using here = await opened()
  const { size, blocks, mode } = statSync(here.at(lockFile))
  assert.ok(size > 8_000 && blocks * 512 >= size)
  assert.equal(mode & 0o777, 0o600)
})

test('OpenFiles.look() lets another process write until our first commit, and nobody after it', async () => {
  await using here = await opened()
  const { files, at } = here
  appendFileSync(at(pagesFile), Buffer.alloc(8_192))
  assert.equal(files.look(), 'ours')
  await files.writing(async () => appendFileSync(at(pagesFile), Buffer.alloc(8_192)))
  assert.equal(files.look(), 'ours')
  utimesSync(at(pagesFile), 1, 1)
  assert.equal(files.look(), 'changed')
})

test('OpenFiles.look() finds a file that was cut off at any time, also during a commit', async () => {
  for (const name of [pagesFile, lockFile]) {
    await using here = await opened()
    const { files, at } = here
    await files.writing(async () => {
      truncateSync(at(name), 100)
      assert.equal(files.look(), 'changed')
    })
    assert.equal(files.look(), 'changed')
    if (name === lockFile) assert.ok(statSync(at(name)).size > 8_000, 'LMDB can close')
  }
})

test('OpenFiles.lookByName() finds a file that was deleted, or exchanged for another of the same content', async () => {
  for (const name of [pagesFile, lockFile]) {
    await using here = await opened()
    const { files, at } = here
    assert.equal(files.lookByName(), 'ours')
    writeFileSync(at('copy'), Buffer.alloc(16_384))
    renameSync(at('copy'), at(name))
    const gone = (error: unknown) => hasCode(error, 'DataFileGone')
    assert.throws(() => files.lookByName(), gone)
    rmSync(at(name))
    assert.throws(() => files.lookByName(), gone)
  }
})
