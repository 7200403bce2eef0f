import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryDatabase } from '#test/support/database-app.ts'

test('applyIdentity() gives the next value, with and without the bar', async () => {
  const database = memoryDatabase()
  assert.equal(await database.identity({ name: 'users|' }), 1)
  assert.equal(await database.identity({ name: 'USERS' }), 2)
  assert.deepEqual(database.identities, [{ value: 2, name: 'users|' }])
})

test('applyIdentity() seeds upwards, and downwards only with force', async () => {
  const database = memoryDatabase()
  assert.equal(await database.identity({ name: 'a', seed: 100 }), 100)
  assert.equal(await database.identity({ name: 'a', seed: 5 }), 100)
  assert.equal(await database.identity({ name: 'a', seed: 5, force: true }), 5)
  assert.equal(await database.identity({ name: 'a' }), 6)
})

test('applyIdentity() stops before numbers that clients cannot hold', async () => {
  const database = memoryDatabase()
  await database.identity({ name: 'a', seed: Number.MAX_SAFE_INTEGER })
  await assert.rejects(database.identity({ name: 'a' }), { code: 'NumbersExhausted' })
})

test('identityId() takes the next id under which nothing lies, among many too', async () => {
  const database = memoryDatabase()
  const Commands = Array.from({ length: 300 }, (_, index) => ({
    Type: 'PUT',
    Id: `users/${index + 1}`,
    Document: {},
  }))
  await database.batch(Buffer.from(JSON.stringify({ Commands })))
  const put = async () => (await database.put('users|', Buffer.from('{}'), undefined)).id
  assert.equal(await put(), 'users/301')
  assert.equal(await put(), 'users/302')
  await database.identity({ name: 'users', seed: 3, force: true })
  await database.delete('users/4', undefined)
  assert.equal(await put(), 'users/4')
  assert.equal(await put(), 'users/303')
})
