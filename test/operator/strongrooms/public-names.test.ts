import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publicNames } from '#operator/strongrooms/public-names.ts'
import { strongroom } from '#test/support/resources.ts'

test('publicNames() begins with the host, and falls back on a name of the cluster', () => {
  assert.deepEqual(publicNames(strongroom()), ['vault.shop.strongroom.internal'])
  const tls = { server: { selfSigned: {} }, dnsNames: ['b.test', 'a.test'] }
  const exposure = { host: 'a.test' }
  assert.deepEqual(publicNames(strongroom({ spec: { tls, exposure } })), ['a.test', 'b.test'])
})
