import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serviceAccount } from '#operator/strongrooms/desired/service-account.ts'
import { strongroom } from '#test/support/resources.ts'

test('serviceAccount() is an identity without rights, whose token nobody gets', () => {
  const { metadata, ...rest } = serviceAccount(strongroom({ metadata: { uid: 'u' } }))
  assert.deepEqual(rest, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    automountServiceAccountToken: false,
  })
  assert.deepEqual([metadata.name, metadata.namespace], ['vault-server', 'shop'])
  assert.deepEqual(
    metadata.ownerReferences?.map(({ kind, uid }) => `${kind} ${uid}`),
    ['Strongroom u'],
  )
})
