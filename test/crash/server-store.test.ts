import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '#test/support/storage.ts'

const child = join(import.meta.dirname, 'server-store-child.ts')

async function run(folder: string, step: string) {
  const process_ = spawn(process.execPath, [child, folder, step], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  process_.stdout.on('data', (part) => (output += part))
  const [code, signal] = (await once(process_, 'close')) as [number | null, string | null]
  return { code, signal, output }
}

const steps = [
  ...['store master key', 'store key file', 'store engine', 'store store id', 'store ready'],
  ...['database recorded', 'database made', 'database ready'],
]
for (const step of steps) {
  test(`a first start that is killed at "${step}" is completed by the next`, async () => {
    await using folder = await temporaryFolder()
    const killed = await run(folder.path, step)
    assert.deepEqual([killed.signal, killed.output], ['SIGKILL', ''])
    const key = await readFile(join(folder.path, 'keys', 'master.key'))
    const next = await run(folder.path, 'none')
    assert.equal(next.code, 0)
    const found = JSON.parse(next.output) as { id: string; databases: number; text: string }
    assert.deepEqual([found.databases, found.text], [1, 'kept'])
    assert.deepEqual(await readFile(join(folder.path, 'keys', 'master.key')), key)
    assert.equal((await readdir(join(folder.path, 'data', 'databases'))).length, 1)
  })
}

test('a first start that is killed at every step in turn is completed in the end', async () => {
  await using folder = await temporaryFolder()
  for (const step of steps) {
    const { signal } = await run(folder.path, step)
    assert.equal(signal, 'SIGKILL', step)
  }
  assert.equal((await run(folder.path, 'none')).code, 0)
})
