/** A database's folder put back from an older copy: quarantined and named, until an administrator accepts the older state. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { codeOf, docsPath, putDocument, register, succeeded } from '#test/support/api.ts'
import type { Caller } from '#test/support/caller.ts'
import { copyDatabase, copyFolder, createAndFind } from '#test/support/data-folder.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { authority, clientCredentials } from '#test/support/pki.ts'
import { readAll } from '#test/support/reading.ts'
import { type ServerProcess, startServer } from '#test/support/server-process.ts'

const older = { id: 'a/older', text: '{"when":"before the copy"}' }
const newer = { id: 'a/newer', text: '{"when":"after the copy"}' }

test('a database put back from an older copy is quarantined as DatabaseRolledBack until an administrator accepts it', async () => {
  using folder = temporaryFolder('rollback')
  const live = path.join(folder.path, 'live')
  const backup = path.join(folder.path, 'backup')
  const dataFile = await write(live, backup)
  copyDatabase(backup, live, dataFile)

  await using server = await startServer({ folder: live })
  await using admin = server.caller()
  await assertQuarantined(admin, server.log)
  await readAll(admin, 'other', [older, newer])
  await onlyAdministratorsRelease(server, admin)

  succeeded(await admin.post(acceptance))
  await readAll(admin, 'moved', [older])
  assert.equal((await admin.get(docsPath('moved', newer.id))).status, 404)
  await putDocument(admin, 'moved', newer)
  assert.equal(await server.stop(), 0)

  await using again = await startServer({ folder: live })
  await using reader = again.caller()
  await readAll(reader, 'moved', [older, newer])
})

/** Two databases, both with both documents; the backup is from between them. */
async function write(live: string, backup: string): Promise<string> {
  await using first = await startServer({ folder: live })
  await using admin = first.caller()
  const dataFile = await createAndFind(admin, live, 'moved')
  await createAndFind(admin, live, 'other')
  for (const name of ['moved', 'other']) await putDocument(admin, name, older)
  assert.equal(await first.stop(), 0)
  copyFolder(live, backup)

  await using second = await startServer({ folder: live })
  await using again = second.caller()
  for (const name of ['moved', 'other']) await putDocument(again, name, newer)
  assert.equal(await second.stop(), 0)
  return dataFile
}

const acceptance = '/admin/databases/accept-rollback?name=moved'

async function assertQuarantined(admin: Caller, log: () => string): Promise<void> {
  for (const answer of [
    await admin.get(docsPath('moved', older.id)),
    await admin.put(docsPath('moved', 'a/1'), '{}'),
    await admin.post('/databases/moved/queries', { Query: 'from @all_docs' }),
  ]) {
    assert.equal(answer.status, 503, answer.text)
    assert.equal(codeOf(answer), 'DatabaseRolledBack')
  }
  assert.match(log(), /DatabaseRolledBack/)
}

async function onlyAdministratorsRelease(server: ServerProcess, admin: Caller): Promise<void> {
  const user = await clientCredentials(await authority('users'), { commonName: 'owner' })
  await register(admin, { name: 'owner', der: user.der, permissions: { moved: 'Admin' } })
  await using owner = server.caller(user)
  assert.equal((await owner.post(acceptance)).status, 403)
  await assertQuarantined(admin, server.log)
}
