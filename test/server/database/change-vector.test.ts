import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeVector, hashOf } from '#server/database/change-vector.ts'

test('changeVector() is the etag of this node and the id of the database', () => {
  assert.equal(changeVector(12, 'AbCdEfGhIjKlMnOpQrStUv'), 'A:12-AbCdEfGhIjKlMnOpQrStUv')
})

test('hashOf() differs with each version, order, gap and database', () => {
  const hashes = [[1, 2], [2, 1], [12], [1, 2, undefined], [1, undefined, 2], []].map((etags) =>
    hashOf(etags, 'one'),
  )
  assert.equal(new Set([...hashes, hashOf([1, 2], 'other')]).size, hashes.length + 1)
  assert.equal(hashOf([1, 2], 'one'), hashes[0])
  assert.match(hashes[0] ?? '', /^Hash-[A-Za-z0-9+/]{43}=$/)
})
