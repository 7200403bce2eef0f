import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongroomIssuers } from '#operator/api/issuer.ts'
import { observe, secretsOf } from '#operator/issuers/observe.ts'
import { issuerScene } from '#test/support/issuer-scene.ts'
import { caIssuer, issuer, secret } from '#test/support/resources.ts'

const keySecretRef = { name: 'eab', key: 'key' }
const bound = issuer({ acme: { externalAccountBinding: { keyId: 'id', keySecretRef } } })

test('observe() reads the key of the external account as base64url', async () => {
  await using it = await issuerScene(bound)
  const binding = async () => (await observe('shop/public', it.means))?.binding
  assert.equal((await binding())?.kind, 'missing')
  await it.put(secret('eab', { key: 'a key with spaces' }))
  assert.equal((await binding())?.kind, 'missing')
  await it.put(secret('eab', { key: `${Buffer.alloc(32, 255).toString('base64url')}\n` }))
  assert.deepEqual(await binding(), { kind: 'usable', keyId: 'id', key: Buffer.alloc(32, 255) })
})

test('observe() notices by its digest whatever is worth asking the CA again', async () => {
  await using it = await issuerScene(bound)
  const inputs = async () => (await observe('shop/public', it.means))?.inputs ?? ''
  const seen = [await inputs(), await inputs()]
  assert.equal(seen[0], seen[1])
  await it.put(secret('eab', { key: 'YQ' }))
  seen.push(await inputs())
  await it.change({ spec: { acme: { email: 'b@example.com' } } })
  seen.push(await inputs())
  await it.change({ metadata: { annotations: { a: 'b' } } })
  seen.push(await inputs())
  assert.equal(new Set(seen).size, 4)
  const status = { ...(await it.now()), status: { type: 'acme' } }
  await it.kube.applyStatus(strongroomIssuers, status)
  await it.time.pass(1)
  assert.equal(await inputs(), seen.at(-1), 'its own status is none of it')
})

test('observe() finds nothing where the issuer is gone', async () => {
  await using it = await issuerScene()
  assert.equal(await observe('shop/none', it.means), undefined)
  const found = await observe('shop/public', it.means)
  assert.deepEqual(
    [found?.account.kind, found?.staged.kind, found?.binding.kind, found?.isStagedOurs],
    ['missing', 'missing', 'none', false],
  )
})

test('secretsOf() names every Secret that the issuer depends on', () => {
  assert.deepEqual(secretsOf(bound), ['public-account', 'eab'])
  assert.deepEqual(secretsOf(caIssuer()), ['private-ca'])
})
