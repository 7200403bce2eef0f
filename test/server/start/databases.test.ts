import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { test } from 'node:test'
import { inDataFolder, runningServer } from '#test/support/running-server.ts'

test('openCatalog() stops the older of two servers on one folder, within seconds and in words', () =>
  inDataFolder(async (folder) => {
    const fatal = Promise.withResolvers<unknown>()
    const older = await runningServer(folder, [], { fatal: fatal.resolve })
    await using younger = await runningServer(folder)
    assert.match(String(await fatal.promise), /DataDirectoryTaken|another process/)
    await Promise.resolve(older[Symbol.asyncDispose]()).catch(() => undefined)
    await using admin = await younger.caller()
    assert.equal((await admin.put('/admin/databases?name=a', { DatabaseName: 'a' })).status, 201)
  }))

test('openCatalog() says in the log which database does not open', () =>
  inDataFolder(async (folder) => {
    {
      await using server = await runningServer(folder)
      await using admin = await server.caller()
      await admin.put('/admin/databases?name=gone', { DatabaseName: 'gone' })
    }
    await rm(`${folder}/data/databases`, { recursive: true })
    await using server = await runningServer(folder)
    await using admin = await server.caller()
    const answer = await admin.get('/databases/gone/docs?id=a')
    assert.equal(answer.headers['strongroom-error'], 'DatabaseFilesMissing')
    const line = server.log.find(({ database }) => database === 'gone')
    assert.equal(line?.code, 'DatabaseFilesMissing')
  }))
