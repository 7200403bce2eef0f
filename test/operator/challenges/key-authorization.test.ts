import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersion } from '#operator/api/common.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { keyAuthorizationFor } from '#operator/challenges/key-authorization.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { declared, host, openOrder } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'
import { syncedCache } from '#test/support/synced-cache.ts'

const issuer = {
  ...{ apiVersion, kind: 'StrongroomIssuer', metadata: { name: 'le', namespace: 'shop' } },
  spec: {},
  status: { account: { url: '', server: '', keyThumbprint: 'thumb', checkedAt: '' } },
} as StrongroomIssuer

test('keyAuthorizationFor() answers for a token that some order presents for that host', async () => {
  const kube = new FakeKube()
  const status = { order: openOrder('http-01', 'token-1') }
  await kube.create(strongrooms, strongroom({ spec: declared, status }))
  await kube.create(strongroomIssuers, issuer)
  await using it = await syncedCache(kube)
  assert.equal(keyAuthorizationFor(it.cache, { token: 'token-1', host }), 'token-1.thumb')
  assert.equal(keyAuthorizationFor(it.cache, { token: 'token-2', host }), undefined)
  assert.equal(keyAuthorizationFor(it.cache, { token: 'token-1', host: 'other.test' }), undefined)
})

test('keyAuthorizationFor() knows nothing of challenges of other types, or without an account', async () => {
  const kube = new FakeKube()
  const status = { order: openOrder('dns-01', 'token-1') }
  await kube.create(strongrooms, strongroom({ spec: declared, status }))
  await using it = await syncedCache(kube)
  assert.equal(keyAuthorizationFor(it.cache, { token: 'token-1', host }), undefined)
})
