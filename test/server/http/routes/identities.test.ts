import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identityRoutes } from '#server/http/routes/identities.ts'
import { memoryDatabase, onlyDatabase, routeApp } from '#test/support/database-app.ts'

test('identityRoutes() gives, seeds and shows', async () => {
  await using app = await routeApp(identityRoutes(onlyDatabase(memoryDatabase())))
  const answers: string[] = []
  for (const path of [
    'identity/next?name=users%7C',
    'identity/next?name=users',
    'identity/seed?name=users%7C&value=100',
    'identity/seed?name=users%7C&value=5',
    'identity/seed?name=users%7C&value=5&force=true',
  ]) {
    answers.push((await app.call('POST', path)).text)
  }
  assert.deepEqual(answers, [
    ...['{"NewIdentityValue":1}', '{"NewIdentityValue":2}'],
    ...['{"NewSeedValue":100}', '{"NewSeedValue":100}', '{"NewSeedValue":5}'],
  ])
  assert.equal((await app.call('GET', 'debug/identities')).text, '{"users|":5}')
})

test('identityRoutes() refuses what is missing or no number', async () => {
  await using app = await routeApp(identityRoutes(onlyDatabase(memoryDatabase())))
  for (const path of [
    ...['identity/next', 'identity/seed?name=a', 'identity/seed?name=a&value=x'],
    ...['identity/seed?value=5', 'identity/seed?name=a&value=99999999999999999999'],
  ]) {
    const { status, body } = await app.call('POST', path)
    assert.deepEqual(
      [status, (body as { Type: string }).Type],
      [500, 'System.ArgumentException'],
      path,
    )
  }
})
