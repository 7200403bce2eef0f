import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { inDataFolder, runningServer } from '#test/support/running-server.ts'

const child = join(import.meta.dirname, 'first-start-child.ts')

/** Starts in a process of its own. Answers the steps that it took. */
function start(folder: string, stopAt?: string) {
  const args = [child, folder, ...(stopAt === undefined ? [] : [stopAt])]
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (stopAt === undefined) assert.equal(status, 0, stderr)
  else assert.equal(signal, 'SIGKILL', stderr)
  return stdout.trim().split('\n')
}

test('a first start that is killed after any step is finished by the next, with one administrator', async (t) => {
  let steps: string[] = []
  await inDataFolder(async (folder) => {
    steps = start(folder)
  })
  assert(steps.length >= 8, steps.join())
  for (const step of steps) {
    await t.test(`killed after "${step}"`, () =>
      inDataFolder(async (folder) => {
        start(folder, step)
        start(folder)
        await using server = await runningServer(folder)
        await using admin = await server.caller()
        const listed = (await admin.get('/admin/certificates')).json().Results
        assert.equal((listed as unknown[]).length, 1)
        assert.equal((await readdir(join(folder, 'certificates'))).length, 7)
        assert.deepEqual(server.audited, [])
      }),
    )
  }
})
