import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  contentFolder,
  createFileOnce,
  isFileError,
  privateFolder,
  removeLeftovers,
  replaceFile,
} from '#shared/files.ts'
import { mounted } from '#test/support/mounted.ts'

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-files-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('replaceFile() leaves one file, whole, readable by its owner only', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'key')
    await replaceFile(path, Buffer.from('first'))
    await replaceFile(path, Buffer.from('second'))
    assert.equal(await readFile(path, 'utf8'), 'second')
    assert.deepEqual(await readdir(folder), ['key'])
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  }))

test('createFileOnce() never replaces what is there', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'key')
    assert.equal(await createFileOnce(path, Buffer.from('first')), true)
    assert.equal(await createFileOnce(path, Buffer.from('second')), false)
    assert.equal(await readFile(path, 'utf8'), 'first')
    assert.deepEqual(await readdir(folder), ['key'])
  }))

test('createFileOnce() lets exactly one of many win, and all find its content', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'key')
    const tries = await Promise.all(
      [...Array(8).keys()].map((n) => createFileOnce(path, Buffer.alloc(32, n))),
    )
    assert.equal(tries.filter(Boolean).length, 1)
    const winner = tries.indexOf(true)
    assert.deepEqual(await readFile(path), Buffer.alloc(32, winner))
  }))

test('removeLeftovers() clears what a crash left of that file and nothing else', () =>
  inFolder(async (folder) => {
    for (const name of ['key', 'key.0a1b.new', 'other.0a1b.new', 'key.old']) {
      await writeFile(join(folder, name), 'x')
    }
    await removeLeftovers(join(folder, 'key'))
    assert.deepEqual((await readdir(folder)).sort(), ['key', 'key.old', 'other.0a1b.new'])
  }))

test('privateFolder() makes a folder that only its owner enters, and accepts one that is there', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a', 'b')
    await privateFolder(path)
    await privateFolder(path)
    assert.equal((await stat(path)).mode & 0o777, 0o700)
  }))

test('privateFolder() closes a folder of ours that a volume mount gave to a group, and leaves the one above', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'a')
    await mkdir(path)
    for (const one of [folder, path]) await chmod(one, 0o2775)
    await privateFolder(path)
    assert.equal((await stat(path)).mode & 0o7777, 0o700)
    assert.equal((await stat(folder)).mode & 0o7777, 0o2775)
  }))

test('contentFolder() is where a mounted folder leads to now, and any other folder itself', () =>
  inFolder(async (folder) => {
    assert.equal(await contentFolder(folder), folder)
    const mount = await mounted(folder, { 'tls.crt': 'a' })
    const first = await contentFolder(folder)
    assert.deepEqual(await readdir(first), ['tls.crt'])
    await mount.swap({ 'tls.crt': 'b' })
    assert.notEqual(await contentFolder(folder), first)
  }))

test('isFileError() tells by code', async () => {
  const error = await readFile('/nonexistent/file').catch((reason: unknown) => reason)
  assert.equal(isFileError(error, 'ENOENT'), true)
  assert.equal(isFileError(error, 'EEXIST'), false)
  assert.equal(isFileError(undefined, 'ENOENT'), false)
})
