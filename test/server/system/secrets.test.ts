import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { pendingSecretsMax } from '#server/limits.ts'
import { postSecret, secretNames, takeSecret } from '#server/system/secrets.ts'
import { hasCode } from '#shared/errors.ts'
import { posted, startCatalog, type TestCatalog } from '#test/support/catalog.ts'

const refusal = (code: string) => (error: unknown) => hasCode(error, code)
const [one, two] = [Buffer.alloc(32, 7), Buffer.alloc(32, 9)]

function kept({ store, memory }: TestCatalog, name: string): Buffer | undefined {
  const taken = takeSecret({ system: store.system, ring: store.ring, memory }, name)
  const bytes = taken && Buffer.from(taken.key.bytes)
  taken?.key.release()
  return bytes
}

function postText({ store, memory }: TestCatalog, text: Buffer): Promise<void> {
  const parts = { system: store.system, ring: store.ring, memory }
  return postSecret(parts, { name: 'orders', text, overwrite: false })
}

test('postSecret() keeps a key for a database to be, whatever the case of its name', async () => {
  await using start = await startCatalog()
  await start.postKey('Orders', one)
  assert.deepEqual(kept(start, 'oRDERS'), one)
  assert.deepEqual(secretNames(start.store), ['Orders'])
})

test('postSecret() takes the same key again, and another one only where it is told to overwrite', async () => {
  await using start = await startCatalog()
  await start.postKey('orders', one)
  await start.postKey('ORDERS', one)
  await assert.rejects(start.postKey('ORDERS', two), refusal('SecretTaken'))
  assert.deepEqual(kept(start, 'orders'), one)
  await start.postKey('orders', two, true)
  assert.deepEqual(kept(start, 'orders'), two)
})

test('postSecret() keeps one of two keys that come at once, and refuses the other', async () => {
  await using start = await startCatalog()
  const outcomes = await Promise.allSettled([
    start.postKey('orders', one),
    start.postKey('orders', two),
  ])
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

test('postSecret() never replaces the key of a database that exists, overwrite or not', async () => {
  await using start = await startCatalog()
  await start.postKey('orders', one)
  const { catalog } = start
  await catalog.create(posted('orders'))
  for (const overwrite of [false, true]) {
    await start.postKey('ORDERS', one, overwrite)
    await assert.rejects(start.postKey('orders', two, overwrite), refusal('SecretTaken'))
  }
  await catalog.delete('orders', { hard: false })
  await start.postKey('orders', one, true)
  await assert.rejects(start.postKey('orders', two, true), refusal('SecretTaken'))
  assert.equal(kept(start, 'orders'), undefined)
})

test('postSecret() keeps no key for a plain database', async () => {
  await using start = await startCatalog()
  await start.catalog.create(posted('orders', { Encrypted: false }))
  await assert.rejects(start.postKey('orders', one, true), refusal('SecretOfPlainDatabase'))
})

const bad: readonly [string, string, string][] = [
  ['no base64', '%%%', 'SecretNotBase64'],
  ['a quoted text', JSON.stringify(one.toString('base64')), 'SecretNotBase64'],
  ['an empty body', '', 'SecretWrongLength'],
  ['16 bytes', randomBytes(16).toString('base64'), 'SecretWrongLength'],
  ['33 bytes', randomBytes(33).toString('base64'), 'SecretWrongLength'],
  ['64 bytes', randomBytes(64).toString('base64'), 'SecretWrongLength'],
]
for (const [what, text, code] of bad) {
  test(`postSecret() refuses ${what} and keeps nothing`, async () => {
    await using start = await startCatalog()
    await assert.rejects(postText(start, Buffer.from(text)), refusal(code))
    assert.deepEqual(secretNames(start.store), [])
  })
}

test('postSecret() wipes the text, and takes one with a line end', async () => {
  await using start = await startCatalog()
  const text = Buffer.from(`${one.toString('base64')}\n`)
  await postText(start, text)
  assert.deepEqual(text, Buffer.alloc(text.length))
  assert.deepEqual(kept(start, 'orders'), one)
})

test('postSecret() refuses names that no database can have', async () => {
  await using start = await startCatalog()
  await assert.rejects(start.postKey('../a', one), refusal('DatabaseNameInvalid'))
})

test('secretNames() lists each name once, pending and used, in order, and forgets those of hard-deleted ones', async () => {
  await using start = await startCatalog()
  for (const name of ['b', 'a', 'c']) await start.postKey(name, randomBytes(32))
  await start.catalog.create(posted('B'))
  await start.catalog.create(posted('plain', { Encrypted: false }))
  assert.deepEqual(secretNames(start.store), ['B', 'a', 'c'])
  await start.catalog.delete('b', { hard: false })
  assert.deepEqual(secretNames(start.store), ['B', 'a', 'c'])
  await start.catalog.create(posted('b'))
  await start.catalog.delete('b', { hard: true })
  assert.deepEqual(secretNames(start.store), ['a', 'c'])
})

test('postSecret() keeps no more than it should', async () => {
  await using start = await startCatalog()
  const names = [...Array(pendingSecretsMax).keys()].map((n) => `n${n}`)
  await Promise.all(names.map((name) => start.postKey(name, one)))
  await assert.rejects(start.postKey('more', one), refusal('TooManySecrets'))
  await start.postKey('n0', two, true)
})
