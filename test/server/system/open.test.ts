import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import { makeKey } from '#server/keys/key.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import {
  type FirstStartStep,
  openMemoryServerStore,
  openServerStore,
  type ServerStore,
} from '#server/system/open.ts'
import { defineSystemTable } from '#server/system/table.ts'
import { systemClock } from '#shared/clock.ts'
import { hasCode } from '#shared/errors.ts'
import { keyId } from '#shared/key-id.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const notes = defineSystemTable('audit', Type.Object({ text: Type.String() }))

/** Opens the store of a data folder as a start does, works on it, and closes everything again. */
async function start<T>(
  data: string,
  work: (store: ServerStore) => T,
  onStep?: (step: FirstStartStep) => void,
): Promise<Awaited<T>> {
  const memory = openLockedMemory()
  try {
    const store = await openServerStore({
      folder: join(data, 'data', 'system'),
      masterKey: { kind: 'own', path: join(data, 'keys', 'master.key') },
      memory,
      clock: systemClock,
      ...(onStep === undefined ? {} : { onStep }),
    })
    try {
      return await work(store)
    } finally {
      await store.close()
      assert.equal(memory.usedBytes, 0, 'keys are wiped when the store closes')
    }
  } finally {
    memory.close()
  }
}

const steps: readonly FirstStartStep[] = ['master key', 'key file', 'engine', 'store id', 'ready']

test('openServerStore() makes a store that later starts find again', async () => {
  await using folder = await temporaryFolder()
  const seen: FirstStartStep[] = []
  const first = await start(
    folder.path,
    async ({ system }) => {
      await system.write([{ table: notes, key: 'a', record: { text: 'kept' } }])
      return system.id
    },
    (step) => seen.push(step),
  )
  assert.deepEqual(seen, steps)
  const again = await start(
    folder.path,
    ({ system, masterKeys }) => [system.id, system.get(notes, 'a')?.record.text, masterKeys.loaded],
    () => assert.fail('a later start makes nothing'),
  )
  const masterKey = keyId(await readFile(join(folder.path, 'keys', 'master.key')))
  assert.deepEqual(again, [first, 'kept', [masterKey]])
})

test('openServerStore() leaves only files and folders that are ours alone', async () => {
  await using folder = await temporaryFolder()
  await start(folder.path, () => undefined)
  for (const entry of await readdir(folder.path, { recursive: true, withFileTypes: true })) {
    const { mode } = await stat(join(entry.parentPath, entry.name))
    // LMDB makes its lock file, which holds process numbers only, by the umask; the folder keeps others out.
    if (!entry.name.endsWith('-lock')) assert.equal(mode & 0o077, 0, entry.name)
  }
})

test('openServerStore() keeps keys and records out of sight on disk', async () => {
  await using folder = await temporaryFolder()
  const text = 'canary-4711'
  await start(folder.path, ({ system }) =>
    system.write([{ table: notes, key: text, record: { text } }]),
  )
  for (const name of await readdir(join(folder.path, 'data', 'system'))) {
    const bytes = await readFile(join(folder.path, 'data', 'system', name))
    assert.equal(bytes.includes(text), false, name)
    assert.equal(bytes.includes('databases'), false, name)
  }
})

for (const step of steps) {
  test(`openServerStore() that was stopped after "${step}" is completed by the next start`, async () => {
    await using folder = await temporaryFolder()
    const stopped = start(
      folder.path,
      () => undefined,
      (reached) => {
        if (reached === step) throw new Error('stopped')
      },
    )
    await assert.rejects(stopped, /stopped/)
    const id = await start(folder.path, ({ system }) => system.id)
    assert.equal(await start(folder.path, ({ system }) => system.id), id)
    assert.deepEqual(await readdir(join(folder.path, 'keys')), ['master.key'])
  })
}

test('openServerStore() that was stopped again and again is completed in the end, with the same key', async () => {
  await using folder = await temporaryFolder()
  let master: Buffer | undefined
  for (const step of steps) {
    const stopped = start(
      folder.path,
      () => undefined,
      (reached) => {
        if (reached === step) throw new Error('stopped')
      },
    )
    await assert.rejects(stopped, /stopped/)
    const key = await readFile(join(folder.path, 'keys', 'master.key'))
    assert.deepEqual(key, master ?? key)
    master = key
  }
  await start(folder.path, () => undefined)
})

// ── what is lost is never made anew ──

interface Loss {
  readonly what: string
  readonly lose: (data: string) => Promise<void>
  readonly code: string
  readonly names: string
}

const system = (data: string, name = ''): string => join(data, 'data', 'system', name)
const losses: readonly Loss[] = [
  {
    what: 'without its master key',
    lose: (data) => rm(join(data, 'keys', 'master.key')),
    code: 'MasterKeyMissing',
    names: 'master.key',
  },
  {
    what: 'without the folder of its master key',
    lose: (data) => rm(join(data, 'keys'), { recursive: true }),
    code: 'MasterKeyMissing',
    names: 'master.key',
  },
  {
    what: 'with another master key',
    lose: (data) => writeFile(join(data, 'keys', 'master.key'), randomBytes(32)),
    code: 'MasterKeyWrong',
    names: 'master.key',
  },
  {
    what: 'without its key file',
    lose: (data) => rm(system(data, 'store.key')),
    code: 'ServerStoreKeyMissing',
    names: 'store.key',
  },
  {
    what: 'with half a key file',
    lose: (data) => writeFile(system(data, 'store.key'), '{"format":1,'),
    code: 'ServerStoreKeyDamaged',
    names: 'store.key',
  },
  {
    what: 'without its data',
    lose: async (data) => {
      for (const name of await readdir(system(data))) {
        if (name !== 'store.key') await rm(system(data, name))
      }
    },
    code: 'ServerStoreMissing',
    names: 'system',
  },
]

async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const content: Record<string, string> = {}
  for (const file of files) {
    const path = join(file.parentPath, file.name)
    content[path] = (await readFile(path)).toString('base64')
  }
  return content
}

for (const { what, lose, code, names } of losses) {
  test(`openServerStore() refuses a store ${what} and writes nothing`, async () => {
    await using folder = await temporaryFolder()
    await start(folder.path, () => undefined)
    await lose(folder.path)
    const before = await contentOf(folder.path)
    await assert.rejects(
      start(folder.path, () => assert.fail('it was opened')),
      (error) => hasCode(error, code) && error.message.includes(names),
    )
    assert.deepEqual(await contentOf(folder.path), before)
  })
}

test('openServerStore() refuses a damaged store before LMDB sees it', async () => {
  await using folder = await temporaryFolder()
  await start(folder.path, () => undefined)
  await writeFile(system(folder.path, 'pages.mdb'), randomBytes(65_536))
  await assert.rejects(
    start(folder.path, () => undefined),
    (error) => hasCode(error, 'DatabaseDamaged'),
  )
})

test('openServerStore() refuses the data of another store', async () => {
  await using folder = await temporaryFolder()
  const [one, two] = [join(folder.path, 'one'), join(folder.path, 'two')]
  await mkdir(join(two, 'keys'), { recursive: true })
  await start(one, () => undefined)
  await cp(join(one, 'keys'), join(two, 'keys'), { recursive: true })
  await start(two, () => undefined)
  await cp(system(one, 'pages.mdb'), system(two, 'pages.mdb'))
  await assert.rejects(
    start(two, () => undefined),
    (error) => hasCode(error, 'DatabaseDamaged'),
  )
})

test('openServerStore() refuses a store key that was sealed for another store', async () => {
  await using folder = await temporaryFolder()
  await start(folder.path, () => undefined)
  const file = system(folder.path, 'store.key')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/("storeId": ")[^"]{22}/, '$1AAAAAAAAAAAAAAAAAAAAAA'))
  await assert.rejects(
    start(folder.path, () => undefined),
    (error) => hasCode(error, 'WrappedKeyDamaged'),
  )
})

test('openServerStore() gives a ring whose wrapped keys the next start unwraps', async () => {
  await using folder = await temporaryFolder()
  const subject = { purpose: 'database', owner: 'a', epoch: 1 } as const
  const memory = openLockedMemory()
  const key = makeKey(memory)
  const wrapped = await start(folder.path, ({ ring }) => ring.wrap(key, subject))
  await start(folder.path, ({ ring }) => {
    using again = ring.unwrap(wrapped, subject)
    assert.deepEqual(again.bytes, key.bytes)
  })
  memory.close()
})

test('openMemoryServerStore() keeps nothing', async () => {
  const memory = openLockedMemory()
  const store = await openMemoryServerStore({ memory, clock: systemClock })
  await store.system.write([{ table: notes, key: 'a', record: { text: 'b' } }])
  assert.equal(store.system.get(notes, 'a')?.record.text, 'b')
  assert.match(store.system.id, /^[A-Za-z0-9+/]{22}$/)
  await store.close()
  assert.equal(memory.usedBytes, 0)
  memory.close()
})
