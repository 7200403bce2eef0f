import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Administration, administration, people } from '#test/support/administration.ts'

const known = people()

const path = '/admin/strongroom/challenges'
const name = 'vault.example.com'
const secret = `token.${'a'.repeat(43)}`
const put = (on: Administration, body: unknown, as: 'boss' | 'operator' = 'boss') =>
  on.call(as, 'PUT', path, { body })

test('challengeRoutes() let in cluster administrators and nobody else', async () => {
  await using on = await administration(known)
  const body = { Name: name, KeyAuthorization: secret }
  for (const caller of ['operator', 'dbAdmin', 'reader', 'outsider', 'nobody'] as const) {
    assert.equal((await on.call(caller, 'PUT', path, { body })).status, 403, caller)
    assert.equal((await on.call(caller, 'DELETE', `${path}?name=${name}`)).status, 403, caller)
  }
  assert.equal(on.challenges.isEmpty, true)
  assert.deepEqual(on.audited, [])
})

test('PUT /admin/strongroom/challenges shows a proof until DELETE takes it away, and both are audited', async () => {
  await using on = await administration(known)
  const presented = await put(on, { Name: name, KeyAuthorization: secret })
  assert.deepEqual([presented.status, presented.text], [204, ''])
  assert.notEqual(on.challenges.contextFor(name), undefined)
  const withdrawn = await on.call('boss', 'DELETE', `${path}?name=${name}`)
  assert.deepEqual([withdrawn.status, withdrawn.text], [204, ''])
  assert.equal(on.challenges.isEmpty, true)
  assert.equal((await on.call('boss', 'DELETE', `${path}?name=${name}`)).status, 204)
  assert.deepEqual(
    on.audited.map(({ act, facts, actor }) => [act, facts, actor?.name]),
    [
      ['challenge presented', { name }, 'boss'],
      ['challenge withdrawn', { name, wasThere: true }, 'boss'],
      ['challenge withdrawn', { name, wasThere: false }, 'boss'],
    ],
  )
})

for (const [what, body] of [
  ['no JSON', 'nothing'],
  ['no name', { KeyAuthorization: secret }],
  ['a name of another kind', { Name: 7, KeyAuthorization: secret }],
  ['a wildcard', { Name: '*.example.com', KeyAuthorization: secret }],
  ['no authorization', { Name: name }],
  ['half an authorization', { Name: name, KeyAuthorization: 'token' }],
] as const) {
  test(`PUT /admin/strongroom/challenges refuses ${what}`, async () => {
    await using on = await administration(known)
    const { status, headers } = await put(on, body)
    assert.deepEqual([status, headers['strongroom-error']], [400, 'ChallengeInvalid'])
    assert.deepEqual(on.audited, [])
  })
}

test('DELETE /admin/strongroom/challenges needs a name', async () => {
  await using on = await administration(known)
  assert.equal(
    (await on.call('boss', 'DELETE', path)).headers['strongroom-error'],
    'QueryValueMissing',
  )
})

test('PUT /admin/strongroom/challenges is refused by a server on plain HTTP', async () => {
  await using on = await administration(known, { secured: false })
  const { status, headers } = await put(on, { Name: name, KeyAuthorization: secret })
  assert.deepEqual([status, headers['strongroom-error']], [400, 'ChallengeNeedsHttps'])
})
