import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeKey } from '#server/keys/key.ts'
import { KeyRing } from '#server/keys/ring.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import { demandNewest, forgetAcceptance, holdsDatabases } from '#server/system/store-age.ts'
import { applySystemWriteSet } from '#server/system/write-set.ts'
import { hasCode } from '#shared/errors.ts'
import { mapEngine } from '#test/support/map-engine.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const unknown = '0123456789abcdef0123456789abcdef'

/** A store without records at commit 7, beside one database folder. */
async function setUp() {
  const folder = await temporaryFolder()
  const memory = openLockedMemory()
  const databases = join(folder.path, 'databases')
  await mkdir(join(databases, unknown), { recursive: true })
  await writeFile(join(databases, unknown, 'pages.mdb'), 'sealed')
  const parts = {
    ...{ databases, memory, acceptance: join(folder.path, 'accept'), storeId: 'id' },
    known: (): string[] => [],
    ring: new KeyRing(memory, makeKey(memory)),
  }
  const look = (more: Partial<typeof parts> = {}) =>
    mapEngine(applySystemWriteSet).read((reader) =>
      demandNewest(Object.assign(reader, { commit: 7, rootTag: '' }), { ...parts, ...more }),
    )
  return { ...parts, look, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

test('demandNewest() has an older store accepted by a file that names it and its commit, and by no other', async () => {
  await using here = await setUp()
  const refused = (error: unknown) =>
    hasCode(error, 'StoreRolledBack') && /id@7/.test(error.message)
  assert.throws(() => here.look(), refused)
  for (const text of ['', 'id', 'id@6', 'id@70', 'other@7', 'id@7 id@8']) {
    await writeFile(here.acceptance, text)
    assert.throws(() => here.look(), refused, text)
  }
  await writeFile(here.acceptance, ' id@7\n')
  assert.deepEqual(here.look(), { commit: 7, newest: 0, strangers: [unknown] })
  await forgetAcceptance(here.acceptance)
  assert.throws(() => here.look(), refused)
  await writeFile(`${here.acceptance}.elsewhere`, 'id@7')
  await symlink(`${here.acceptance}.elsewhere`, here.acceptance)
  assert.throws(() => here.look(), refused, 'a link accepts nothing')
})

test('demandNewest() minds no folder that was accepted before, is empty, or is none of a database', async () => {
  await using here = await setUp()
  assert.equal(here.look({ known: () => [unknown] }), undefined)
  await writeFile(join(here.databases, unknown, 'pages.mdb'), '')
  await mkdir(join(here.databases, 'lost+found'))
  await writeFile(join(here.databases, 'lost+found', 'pages.mdb'), 'x')
  assert.equal(here.look(), undefined)
})

test('holdsDatabases() is true only for a folder in which a database has content', async () => {
  await using here = await setUp()
  assert.equal(holdsDatabases(here.databases), true)
  assert.equal(holdsDatabases(`${here.databases}/none`), false)
  await writeFile(join(here.databases, unknown, 'pages.mdb'), '')
  assert.equal(holdsDatabases(here.databases), false)
})
