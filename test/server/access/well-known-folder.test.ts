import assert from 'node:assert/strict'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { type WellKnownContent, WellKnownFolder } from '#server/access/well-known-folder.ts'
import { wellKnownFileBytesMax, wellKnownFilesMax } from '#server/limits.ts'
import { hasCode } from '#shared/errors.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client } from '#test/support/certificates.ts'
import { mounted } from '#test/support/mounted.ts'
import { temporaryFolder } from '#test/support/storage.ts'

let ann: Certificate
let ben: Certificate
before(async () => {
  const ca = await authority()
  ann = (await client(ca, { commonName: 'ann' })).certificate
  ben = (await client(ca, { commonName: 'ben' })).certificate
})

interface Followed {
  readonly names: () => string[]
  readonly trouble: () => readonly string[]
  readonly look: () => Promise<void>
  readonly changes: readonly WellKnownContent[]
}

async function following(path: string, work: (followed: Followed) => Promise<void>) {
  const changes: WellKnownContent[] = []
  const changed = (content: WellKnownContent) => void changes.push(content)
  await using folder = await WellKnownFolder.open({ path, changed, everyMs: 1_000_000 })
  await work({
    names: () => [...folder.certificates.values()].map(({ commonName }) => commonName).sort(),
    trouble: () => changes.at(-1)?.trouble ?? [],
    look: () => folder.look(),
    changes,
  })
}

test('WellKnownFolder reads PEM and DER by the endings of their names, and nothing else', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'ann.crt'), certificatePem(ann))
  await writeFile(join(folder.path, 'ben.CER'), ben.der)
  await writeFile(join(folder.path, 'notes.txt'), 'not read')
  await writeFile(join(folder.path, '.hidden.pem'), 'not read')
  await following(folder.path, async ({ names, trouble }) => {
    assert.deepEqual(names(), ['ann', 'ben'])
    assert.deepEqual(trouble(), [])
  })
})

test('WellKnownFolder follows a mounted ConfigMap: who is added counts, who is taken away does not', async () => {
  await using folder = await temporaryFolder()
  const mount = await mounted(folder.path, { 'current.crt': certificatePem(ann) })
  await following(folder.path, async ({ names, look, changes }) => {
    await mount.swap({ 'current.crt': certificatePem(ann), 'next.crt': certificatePem(ben) })
    await look()
    assert.deepEqual(names(), ['ann', 'ben'])
    await mount.swap({ 'current.crt': certificatePem(ben) })
    await look()
    await look()
    assert.deepEqual(names(), ['ben'])
    assert.equal(changes.length, 3)
    await mount.swap({})
    await look()
    assert.deepEqual(names(), [])
  })
})

test('WellKnownFolder drops what a damaged file held before, and keeps the others', async () => {
  await using folder = await temporaryFolder()
  const [annFile, benFile] = [join(folder.path, 'ann.crt'), join(folder.path, 'ben.crt')]
  await writeFile(annFile, certificatePem(ann))
  await writeFile(benFile, certificatePem(ben))
  await following(folder.path, async ({ names, trouble, look }) => {
    await writeFile(annFile, certificatePem(ann).slice(0, 200))
    await look()
    assert.deepEqual(names(), ['ben'])
    assert.equal(trouble().length, 1)
    assert.match(trouble()[0] ?? '', /ann\.crt: /)
    await writeFile(annFile, certificatePem(ann))
    await look()
    assert.deepEqual(names(), ['ann', 'ben'])
  })
})

test('WellKnownFolder takes neither folders, nor links to nothing, nor files without end', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'ann.crt'), certificatePem(ann))
  await writeFile(join(folder.path, 'long.crt'), Buffer.alloc(wellKnownFileBytesMax + 1))
  await mkdir(join(folder.path, 'folder.crt'))
  await symlink('nowhere', join(folder.path, 'link.crt'))
  await following(folder.path, async ({ names, trouble }) => {
    assert.deepEqual(names(), ['ann'])
    assert.equal(trouble().length, 3)
  })
})

test('WellKnownFolder lets nobody in when the folder is gone, and reads it when it is back', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'admins')
  await mounted(path, { 'ann.crt': certificatePem(ann) })
  await following(path, async ({ names, trouble, look }) => {
    await rm(path, { recursive: true })
    await look()
    assert.deepEqual(names(), [])
    assert.match(trouble()[0] ?? '', /ENOENT/)
    await mounted(path, { 'ann.crt': certificatePem(ann) })
    await look()
    assert.deepEqual(names(), ['ann'])
  })
})

test('WellKnownFolder reads so many files and no more', async () => {
  await using folder = await temporaryFolder()
  const contents = Object.fromEntries(
    [...Array(wellKnownFilesMax + 1).keys()].map((n) => [`${1_000 + n}.crt`, certificatePem(ann)]),
  )
  await mounted(folder.path, { ...contents, 'zzz.crt': certificatePem(ben) })
  await following(folder.path, async ({ names, trouble }) => {
    assert.deepEqual(names(), ['ann'])
    assert.match(trouble()[0] ?? '', /the first 100 count/)
  })
})

test('WellKnownFolder does not open a folder that is not there', async () => {
  const opened = WellKnownFolder.open({ path: '/nonexistent', changed: () => assert.fail() })
  await assert.rejects(opened, (error) => hasCode(error, 'WellKnownFolderUnreadable'))
})
