import assert from 'node:assert/strict'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type AdministratorParts,
  firstAdministrator,
  foldersIn,
  ownCertificate,
  prepareFolders,
} from '#server/start/first-start.ts'
import { openClientAuthority } from '#server/system/authorities.ts'
import { readPfx } from '#shared/pki/pfx-read.ts'
import { certificateStore } from '#test/support/certificate-store.ts'
import { inDataFolder } from '#test/support/running-server.ts'

const ignored = () => undefined

/** A store in memory, and the administrator's folder. */
async function prepared(folder: string) {
  const { store: system, clock, certificates } = certificateStore()
  const authority = await openClientAuthority(system, clock)
  const parts = { system, certificates, authority, folder, clock, onStep: ignored }
  return { parts, registered: () => certificates.list().map(({ record }) => record.thumbprint) }
}

/** Runs until that step. */
async function stoppedAfter(parts: AdministratorParts, step: string): Promise<void> {
  const onStep = (reached: string) => {
    if (reached === step) throw new Error('stopped')
  }
  await assert.rejects(firstAdministrator({ ...parts, onStep }), /stopped/)
}

test('prepareFolders() makes folders for their owner only, and accepts those that are there', () =>
  inDataFolder(async (folder) => {
    const folders = foldersIn(join(folder, 'new'))
    await prepareFolders(folders, ignored)
    await prepareFolders(folders, ignored)
    for (const path of Object.values(folders)) {
      assert.equal((await stat(path)).mode & 0o777, 0o700)
    }
  }))

test('ownCertificate() keeps its authority and its leaf', () =>
  inDataFolder(async (folder) => {
    const { store: system, clock } = certificateStore()
    const files = async () =>
      Promise.all(['ca.crt', 'server.crt'].map((file) => readFile(join(folder, file))))
    const parts = { system, folder, hosts: ['localhost'], clock, onStep: ignored }
    await ownCertificate(parts)
    const before = await files()
    const { renew } = await ownCertificate(parts)
    await renew()
    assert.deepEqual(await files(), before)
  }))

test('firstAdministrator() writes a PFX without password that holds what it registered', () =>
  inDataFolder(async (folder) => {
    const { parts, registered } = await prepared(folder)
    const pfx = await firstAdministrator(parts)
    assert.equal(pfx, join(folder, 'admin.pfx'))
    const { certificates } = await readPfx(await readFile(pfx ?? ''))
    assert.deepEqual(registered(), [certificates[0]?.thumbprint])
  }))

test('firstAdministrator() goes on with files that are whole', () =>
  inDataFolder(async (folder) => {
    const { parts, registered } = await prepared(folder)
    await stoppedAfter(parts, 'admin.pfx')
    const before = await readFile(join(folder, 'admin.crt'))
    await firstAdministrator(parts)
    assert.deepEqual(await readFile(join(folder, 'admin.crt')), before)
    assert.equal(registered().length, 1)
  }))

for (const [name, damage] of [
  [
    'a key that is not that of the certificate',
    (folder: string) => writeFile(join(folder, 'admin.key'), 'other'),
  ],
  ['half a certificate', (folder: string) => writeFile(join(folder, 'admin.crt'), 'half')],
  ['no PFX yet', (folder: string) => rm(join(folder, 'admin.pfx'))],
] as const) {
  test(`firstAdministrator() makes everything again where it finds ${name}`, () =>
    inDataFolder(async (folder) => {
      const { parts, registered } = await prepared(folder)
      await stoppedAfter(parts, 'admin.pfx')
      await damage(folder)
      const pfx = await firstAdministrator(parts)
      const { certificates } = await readPfx(await readFile(pfx ?? ''))
      assert.deepEqual(registered(), [certificates[0]?.thumbprint])
    }))
}

test('firstAdministrator() leaves files of another server’s authority behind', () =>
  inDataFolder(async (folder) => {
    await stoppedAfter((await prepared(folder)).parts, 'admin.pfx')
    const { parts, registered } = await prepared(folder)
    await firstAdministrator(parts)
    const { certificates } = await readPfx(await readFile(join(folder, 'admin.pfx')))
    assert.deepEqual(registered(), [certificates[0]?.thumbprint])
  }))
