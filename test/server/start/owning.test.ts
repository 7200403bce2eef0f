import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, putDocument } from '#test/support/api.ts'
import { filesBelow } from '#test/support/file-tree.ts'
import { inDataFolder, runningServer } from '#test/support/running-server.ts'

/** What a second start may fail at, with the settings that make it. */
const failures: readonly {
  readonly what: string
  readonly settings: (url: string, folder: string) => readonly string[]
  readonly code: string
}[] = [
  { what: 'a port that is taken', settings: (url) => [`--ServerUrl=${url}`], code: 'ListenFailed' },
  {
    what: 'a server certificate that is none',
    settings: (_, folder) => [`--Security.Certificate.Path=${folder}/bad.pem`],
    code: 'ServerCertificateUnreadable',
  },
  {
    what: 'a server certificate that is not there',
    settings: (_, folder) => [`--Security.Certificate.Path=${folder}/absent.pem`],
    code: 'ServerCertificate',
  },
  {
    what: 'another master key',
    settings: (_, folder) => [`--Security.MasterKey.Path=${folder}/bad.key`],
    code: 'MasterKeyWrong',
  },
  {
    what: 'administrators that are none',
    settings: () => ['--Security.WellKnownCertificates.Admin=nonsense'],
    code: 'WellKnown',
  },
  {
    what: 'plain HTTP that is not allowed',
    settings: () => ['--ServerUrl=http://127.0.0.1:0', '--Security.UnsecuredAccessAllowed=None'],
    code: 'UnsecuredAccessRefused',
  },
]

test('startServer() that fails leaves the server that runs on the folder as it is, and writes nothing', () =>
  inDataFolder(async (folder) => {
    await writeFile(`${folder}/bad.pem`, 'nonsense')
    await writeFile(`${folder}/bad.key`, Buffer.alloc(32, 7), { mode: 0o600 })
    await using server = await runningServer(folder)
    await using admin = await server.caller()
    await createDatabase(admin, 'orders')
    // Anchors are written within a second.
    await sleep(1_500)
    const before = contentOf(folder)
    for (const { what, settings, code } of failures) {
      await assert.rejects(
        runningServer(folder, settings(server.url, folder)),
        (error) => String((error as { code?: string }).code).startsWith(code.slice(0, 9)),
        what,
      )
      assert.deepEqual(contentOf(folder), before, what)
    }
    await sleep(1_200)
    await putDocument(admin, 'orders', { id: 'a/1', text: '{"a":1}' })
    assert.equal((await admin.get('/health/ready')).status, 204)
  }))

test('startServer() that fails at a first start leaves nothing', () =>
  inDataFolder(async (folder) => {
    await writeFile(`${folder}/bad.pem`, 'nonsense')
    const data = join(folder, 'data')
    await assert.rejects(runningServer(data, [`--Security.Certificate.Path=${folder}/bad.pem`]))
    assert.equal(existsSync(data), false)
  }))

function contentOf(folder: string): Record<string, string> {
  const files = filesBelow(folder).filter((name) => !name.endsWith('-lock'))
  return Object.fromEntries(
    files.map((name) => {
      const hash = createHash('sha256').update(readFileSync(join(folder, name)))
      return [name, hash.digest('hex')]
    }),
  )
}
