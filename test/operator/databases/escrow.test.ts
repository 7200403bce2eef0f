import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fingerprintOf, keyName, newEscrow } from '#operator/databases/escrow.ts'
import { secretBytes } from '#operator/kube/secret.ts'
import { database } from '#test/support/resources.ts'

test('newEscrow() holds 32 fresh random bytes, has no owner, and says whose it is', () => {
  const [escrow, other] = [newEscrow(database()), newEscrow(database())]
  const { metadata, type } = escrow
  assert.deepEqual(
    { name: metadata.name, namespace: metadata.namespace, type, owners: metadata.ownerReferences },
    {
      name: 'orders-database-key',
      namespace: 'shop',
      type: 'strongroom.dev/database-key',
      owners: undefined,
    },
  )
  assert.equal(metadata.annotations?.['strongroom.dev/source'], 'StrongroomDatabase/orders')
  assert.equal(metadata.labels?.['strongroom.dev/cluster'], 'vault')
  const [key, another] = [secretBytes(escrow, keyName), secretBytes(other, keyName)]
  assert.equal(key?.length, 32)
  assert.notDeepEqual(key, another)
  assert.notDeepEqual(key, Buffer.alloc(32))
})

test('fingerprintOf() names a key, always the same, and tells nothing of it', () => {
  const key = Buffer.alloc(32, 7)
  assert.equal(fingerprintOf(key), fingerprintOf(Buffer.from(key)))
  assert.match(fingerprintOf(key), /^[0-9a-f]{32}$/)
  assert.notEqual(fingerprintOf(key), fingerprintOf(Buffer.alloc(32, 8)))
  assert.ok(!fingerprintOf(key).includes('0707'))
})
