import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeResponder } from '#operator/challenges/responder.ts'
import { challengePath } from '#shared/acme/http01-look.ts'

test('challengeResponder() answers the tokens that are presented, and nothing else exists', async () => {
  const asked: string[] = []
  await using responder = await challengeResponder(0, ({ token, host }) => {
    asked.push(`${host} ${token}`)
    return token === 'known' ? 'known.thumbprint' : undefined
  })
  const at = (path: string, method = 'GET') =>
    fetch(`http://127.0.0.1:${responder.port}${path}`, { method })
  const found = await at(`${challengePath}known`)
  assert.equal(found.status, 200)
  assert.equal(await found.text(), 'known.thumbprint')
  assert.equal((await at(`${challengePath}other`)).status, 404)
  assert.deepEqual(asked, ['127.0.0.1 known', '127.0.0.1 other'])
  for (const path of [
    '/',
    '/metrics',
    `${challengePath}../known`,
    `${challengePath}a/b`,
    challengePath,
  ])
    assert.equal((await at(path)).status, 404, path)
  assert.equal((await at(`${challengePath}${'x'.repeat(513)}`)).status, 404)
  assert.equal((await at(`${challengePath}known`, 'POST')).status, 404)
  assert.equal(asked.length, 2)
})
