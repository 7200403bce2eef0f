import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig } from '#server/config.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import { masterKeySource, prepareStore } from '#server/start/store.ts'
import { systemClock } from '#shared/clock.ts'

const configOf = (...args: string[]) =>
  readConfig({ args, env: {}, readText: () => undefined }).config

test('masterKeySource() is our own file unless a path or a program is set', () => {
  assert.deepEqual(masterKeySource(configOf(), '/keys'), { kind: 'own', path: '/keys/master.key' })
  const path = masterKeySource(configOf('--Security.MasterKey.Path=/k'), '/keys')
  assert.deepEqual(path, { kind: 'path', path: '/k' })
  const program = masterKeySource(
    configOf(
      '--Security.MasterKey.Exec=/bin/vault',
      '--Security.MasterKey.Exec.Arguments=read "my key"',
      '--Security.MasterKey.Exec.TimeoutInSec=5',
    ),
    '/keys',
  )
  assert.deepEqual(program, {
    kind: 'program',
    program: { file: '/bin/vault', arguments: ['read', 'my key'], timeoutMs: 5_000 },
  })
})

test('prepareStore() in memory leaves nothing on disk, and refuses a folder with the data of another server', async () => {
  const data = await mkdtemp(join(tmpdir(), 'strongroom-store-'))
  const memory = openLockedMemory()
  const folders = { data, keys: data, certificates: data }
  const parts = { config: configOf('--RunInMemory=true'), folders, memory, clock: systemClock }
  try {
    using prepared = await prepareStore(parts)
    const store = await prepared.open()
    await store.close()
    await mkdir(join(data, 'system'))
    await assert.rejects(prepareStore(parts), { code: 'MemoryOverData' })
  } finally {
    memory.close()
    await rm(data, { recursive: true })
  }
})
