import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadMasterKeys, type MasterKeySource } from '#server/keys/master.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import { hasCode } from '#shared/errors.ts'
import { keyId } from '#shared/key-id.ts'
import { temporaryFolder } from '#test/support/storage.ts'

async function load(source: MasterKeySource, storeExists = false) {
  const memory = openLockedMemory()
  try {
    using keys = await loadMasterKeys(source, { memory, storeExists })
    return { active: keys.active.id, ids: keys.ids, bytes: Buffer.from(keys.active.bytes) }
  } finally {
    memory.close()
  }
}

/** The code, and that the message names the file. */
function refused(code: string, path: string) {
  return (error: unknown): true => {
    assert.ok(hasCode(error, code), `${code} was expected, not ${String(error)}`)
    assert.ok(error.message.includes(path), `"${error.message}" does not name ${path}`)
    return true
  }
}

async function keyFile(path: string, bytes = randomBytes(32), mode = 0o600): Promise<string> {
  await writeFile(path, bytes)
  await chmod(path, mode)
  return keyId(bytes)
}

test('loadMasterKeys() makes our own key once, for our eyes only', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'keys', 'master.key')
  const made = await load({ kind: 'own', path })
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.equal((await stat(join(folder.path, 'keys'))).mode & 0o777, 0o700)
  assert.deepEqual(await readdir(join(folder.path, 'keys')), ['master.key'])
  assert.deepEqual(await readFile(path), made.bytes)
  assert.deepEqual(await load({ kind: 'own', path }), made)
})

test('loadMasterKeys() makes no key where a store needs the one that is gone', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'keys', 'master.key')
  await assert.rejects(load({ kind: 'own', path }, true), refused('MasterKeyMissing', path))
  assert.deepEqual(await readdir(folder.path), [])
})

test('loadMasterKeys() clears away what a crash left and goes on', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'master.key')
  await writeFile(`${path}.0a1b2c.new`, 'half a k')
  await load({ kind: 'own', path })
  assert.deepEqual(await readdir(folder.path), ['master.key'])
})

test('loadMasterKeys() takes back from our own key what a volume mount gave to the group', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'master.key')
  const id = await keyFile(path, undefined, 0o660)
  assert.equal((await load({ kind: 'own', path })).active, id)
  assert.equal((await stat(path)).mode & 0o777, 0o600)
})

test('loadMasterKeys() refuses our own key that others may read, and leaves it as it is', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'master.key')
  await keyFile(path, undefined, 0o644)
  await assert.rejects(load({ kind: 'own', path }), refused('MasterKeyTooWide', path))
  assert.equal((await stat(path)).mode & 0o777, 0o644)
})

for (const mode of [0o640, 0o660, 0o604, 0o644, 0o606, 0o777]) {
  test(`loadMasterKeys() refuses a configured key of mode ${mode.toString(8)}`, async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'key')
    await keyFile(path, undefined, mode)
    await assert.rejects(load({ kind: 'path', path }), refused('MasterKeyTooWide', path))
  })
}

test('loadMasterKeys() looks at the mode of what a link points to', async () => {
  await using folder = await temporaryFolder()
  const [target, path] = [join(folder.path, 'target'), join(folder.path, 'link')]
  await symlink(target, path)
  await keyFile(target, undefined, 0o644)
  await assert.rejects(load({ kind: 'path', path }), refused('MasterKeyTooWide', path))
  const id = await keyFile(target)
  assert.equal((await load({ kind: 'path', path })).active, id)
})

for (const length of [0, 31, 33, 44, 64, 100_000]) {
  test(`loadMasterKeys() refuses a key of ${length} bytes and says so`, async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'key')
    await keyFile(path, randomBytes(length))
    await assert.rejects(load({ kind: 'path', path }), (error) => {
      refused('MasterKeyWrongLength', path)(error)
      return String(error).includes(`${length} bytes`)
    })
  })
}

test('loadMasterKeys() refuses a configured key that is missing, whether or not there is a store', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'key')
  for (const storeExists of [false, true]) {
    const loading = load({ kind: 'path', path }, storeExists)
    await assert.rejects(loading, refused('MasterKeyMissing', path))
  }
  assert.deepEqual(await readdir(folder.path), [])
})

test('loadMasterKeys() refuses what is no file', async () => {
  await assert.rejects(
    load({ kind: 'path', path: '/dev/zero' }),
    refused('MasterKeyUnreadable', '/dev/zero'),
  )
})

// ── folders ──

/** As kubelet mounts a Secret: names are links into a folder that `..data` points to. */
async function mountSecret(path: string, files: Readonly<Record<string, Buffer | string>>) {
  const fresh = `..${randomBytes(4).toString('hex')}`
  await mkdir(join(path, fresh), { recursive: true })
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(path, fresh, name), bytes, { mode: 0o400 })
    await symlink(join('..data', name), join(path, name)).catch(() => undefined)
  }
  await symlink(fresh, join(path, '..new'))
  await rename(join(path, '..new'), join(path, '..data'))
}

test('loadMasterKeys() takes master.key of a folder', async () => {
  await using folder = await temporaryFolder()
  const key = randomBytes(32)
  await mountSecret(folder.path, { 'master.key': key })
  const loaded = await load({ kind: 'path', path: folder.path })
  assert.deepEqual(loaded.ids, [keyId(key)])
})

test('loadMasterKeys() takes the active key of several and accepts the others', async () => {
  await using folder = await temporaryFolder()
  const [older, newer] = [randomBytes(32), randomBytes(32)]
  await mountSecret(folder.path, { '2026-01': older, '2026-02': newer, 'active-id': '2026-01\n' })
  const before = await load({ kind: 'path', path: folder.path })
  assert.equal(before.active, keyId(older))
  assert.deepEqual(new Set(before.ids), new Set([keyId(older), keyId(newer)]))
  await mountSecret(folder.path, { '2026-01': older, '2026-02': newer, 'active-id': '2026-02' })
  assert.equal((await load({ kind: 'path', path: folder.path })).active, keyId(newer))
})

const unclear: readonly [string, Readonly<Record<string, Buffer | string>>][] = [
  ['is empty', {}],
  ['holds keys but says of none that it is active', { one: randomBytes(32) }],
  ['names a file that is not there', { one: randomBytes(32), 'active-id': 'two' }],
  ['names a file outside', { 'active-id': '../key' }],
  ['names itself', { 'active-id': 'active-id' }],
  [
    'holds far too many files',
    Object.fromEntries([...Array(40).keys()].map((n) => [`k${n}`, randomBytes(32)])),
  ],
]
for (const [what, files] of unclear) {
  test(`loadMasterKeys() refuses a folder that ${what}`, async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, '..key'), randomBytes(32))
    const path = join(folder.path, 'keys')
    await mkdir(path)
    await mountSecret(path, files)
    await assert.rejects(load({ kind: 'path', path }), refused('MasterKeyFolderUnclear', path))
  })
}

test('loadMasterKeys() refuses a folder with one key too wide, even where that is not the active one', async () => {
  await using folder = await temporaryFolder()
  await keyFile(join(folder.path, 'one'))
  await keyFile(join(folder.path, 'two'), undefined, 0o644)
  await writeFile(join(folder.path, 'active-id'), 'one')
  await assert.rejects(
    load({ kind: 'path', path: folder.path }),
    refused('MasterKeyTooWide', join(folder.path, 'two')),
  )
})

// ── programs ──

function program(script: string, timeoutMs = 10_000): MasterKeySource {
  return {
    kind: 'program',
    program: { file: process.execPath, arguments: ['-e', script], timeoutMs },
  }
}

test('loadMasterKeys() takes the key that a program writes', async () => {
  const loaded = await load(program('process.stdout.write(Buffer.alloc(32, 5))'))
  assert.deepEqual(loaded.bytes, Buffer.alloc(32, 5))
})

const failing: readonly [string, MasterKeySource, string][] = [
  ['writes base64', program('process.stdout.write("A".repeat(44))'), 'MasterKeyWrongLength'],
  ['writes nothing', program(''), 'MasterKeyWrongLength'],
  [
    'writes without end',
    program('setInterval(() => process.stdout.write("A".repeat(9999)), 1)'),
    'MasterKeyProgramFailed',
  ],
  ['fails', program('process.exit(1)'), 'MasterKeyProgramFailed'],
  ['takes too long', program('setTimeout(() => {}, 60000)', 200), 'MasterKeyProgramFailed'],
]
for (const [what, source, code] of failing) {
  test(`loadMasterKeys() refuses a program that ${what}`, async () => {
    await assert.rejects(load(source), refused(code, process.execPath))
  })
}

test('loadMasterKeys() keeps nothing of the keys once they are disposed', async () => {
  const memory = openLockedMemory()
  const keys = await loadMasterKeys(program('process.stdout.write(Buffer.alloc(32, 5))'), {
    memory,
    storeExists: true,
  })
  keys[Symbol.dispose]()
  assert.deepEqual(keys.active.bytes, Buffer.alloc(32))
  assert.equal(memory.usedBytes, 0)
  memory.close()
})

test('loadMasterKeys() leaves no key in locked memory where it refuses', async () => {
  await using folder = await temporaryFolder()
  await keyFile(join(folder.path, 'one'))
  await keyFile(join(folder.path, 'two'), randomBytes(31))
  await writeFile(join(folder.path, 'active-id'), 'one')
  const memory = openLockedMemory()
  const loading = loadMasterKeys({ kind: 'path', path: folder.path }, { memory, storeExists: true })
  await assert.rejects(loading)
  assert.equal(memory.usedBytes, 0)
  memory.close()
  await rm(join(folder.path, 'two'))
})
