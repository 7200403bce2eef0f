import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  demandFile,
  demandFolder,
  demandOwnFiles,
  pagesFile,
} from '#server/storage/page-store/files.ts'
import { hasCode } from '#shared/errors.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const foreign = (error: unknown) => hasCode(error, 'DataFileForeign')

test('demandFile() and demandFolder() take what is ours or not there, and follow no link', async () => {
  await using folder = await temporaryFolder()
  const at = (name: string) => join(folder.path, name)
  await writeFile(at('file'), '')
  await mkdir(at('folder'))
  await symlink(at('file'), at('to-file'))
  await symlink(at('folder'), at('to-folder'))
  await symlink(at('nowhere'), at('dangling'))
  demandFile(at('file'), 'test')
  demandFolder(at('folder'), 'test')
  demandFile(at('absent'), 'test')
  demandFolder(at('absent'), 'test')
  for (const name of ['folder', 'to-file', 'to-folder', 'dangling'])
    assert.throws(() => demandFile(at(name), 'test'), foreign, name)
  for (const name of ['file', 'to-file', 'to-folder', 'dangling'])
    assert.throws(() => demandFolder(at(name), 'test'), foreign, name)
})

test('demandOwnFiles() names the file and what it is', async () => {
  await using folder = await temporaryFolder()
  demandOwnFiles(folder.path, 'test')
  await symlink('/etc/passwd', join(folder.path, pagesFile))
  assert.throws(() => demandOwnFiles(folder.path, 'test'), /pages\.mdb" is a symbolic link/)
})
