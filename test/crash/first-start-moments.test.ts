/** SIGKILL at any moment of a first start: the next start completes it. */
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, putDocument } from '#test/support/api.ts'
import { filesBelow, foldersBelow, temporaryFolder } from '#test/support/file-tree.ts'
import { readAll } from '#test/support/reading.ts'
import { seeded } from '#test/support/seeded.ts'
import { spawnServer, startServer } from '#test/support/server-process.ts'

const rounds = 6

test(`server completes a first start that was killed at ${rounds} moments`, async (context) => {
  const fullMs = await firstStartMs()
  const random = seeded(44)
  for (let round = 0; round < rounds; round++) {
    using folder = temporaryFolder('first-start')
    // Spread over the whole time that a first start takes, twice in some folders.
    for (let kill = 0; kill <= round % 2; kill++) {
      const { child, ended } = spawnServer({ folder: folder.path })
      await sleep(Math.round((fullMs * (round + random.real())) / rounds))
      child.kill('SIGKILL')
      await ended
    }
    await completes(folder.path)
  }
  context.diagnostic(`a whole first start takes ${fullMs} ms here`)
})

async function firstStartMs(): Promise<number> {
  using folder = temporaryFolder('first-start')
  const began = performance.now()
  await using server = await startServer({ folder: folder.path })
  const took = Math.round(performance.now() - began)
  await server.kill()
  return took
}

async function completes(folder: string): Promise<void> {
  const document = { id: 'a/1', text: '{"a":1}' }
  await using server = await startServer({ folder })
  await using admin = server.caller()
  await createDatabase(admin, 'first')
  await putDocument(admin, 'first', document)
  assert.equal(await server.stop(), 0)
  await using again = await startServer({ folder })
  await using reader = again.caller()
  await readAll(reader, 'first', [document])
  assertModes(folder)
}

/** Nobody but the owner reads what lies in the data folder; public certificates may be readable. */
function assertModes(folder: string): void {
  const mode = (name: string): number => statSync(path.join(folder, name)).mode & 0o777
  for (const name of filesBelow(folder))
    if (!name.endsWith('.crt'))
      assert.equal(mode(name) & 0o077, 0, `${name} has mode ${mode(name).toString(8)}`)
  for (const name of foldersBelow(folder))
    assert.equal(mode(name) & 0o022, 0, `${name} has mode ${mode(name).toString(8)}`)
}
