import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leases, namespaces, secrets } from '#operator/kube/kinds.ts'
import { collectionPath, objectPath, selectionQuery } from '#operator/kube/path.ts'

test('collectionPath() and objectPath() follow group and namespace', () => {
  assert.equal(collectionPath(secrets, 'n'), '/api/v1/namespaces/n/secrets')
  assert.equal(collectionPath(secrets, undefined), '/api/v1/secrets')
  assert.equal(collectionPath(leases, 'n'), '/apis/coordination.k8s.io/v1/namespaces/n/leases')
  assert.equal(collectionPath(namespaces, 'n'), '/api/v1/namespaces')
  assert.equal(objectPath(secrets, { name: 'a', namespace: 'n' }), '/api/v1/namespaces/n/secrets/a')
})

test('objectPath() lets no name leave its place', () => {
  const path = objectPath(secrets, { name: '../../x?y#z', namespace: 'a/b' })
  assert.equal(path, '/api/v1/namespaces/a%2Fb/secrets/..%2F..%2Fx%3Fy%23z')
})

test('selectionQuery() is nothing where nothing is selected', () => {
  assert.equal(selectionQuery({ namespace: 'n' }), '')
  assert.equal(
    selectionQuery({ labelSelector: 'a=b,c', fieldSelector: 'metadata.name=x' }, { limit: '5' }),
    '?limit=5&labelSelector=a%3Db%2Cc&fieldSelector=metadata.name%3Dx',
  )
})
