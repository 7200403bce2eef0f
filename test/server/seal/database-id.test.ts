import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseIdText, newDatabaseId, parseDatabaseId } from '#server/seal/database-id.ts'

test('newDatabaseId() is another one each time, and reads back from its 22 characters', () => {
  const ids = Array.from({ length: 200 }, newDatabaseId)
  assert.equal(new Set(ids.map(databaseIdText)).size, 200)
  for (const id of ids) {
    assert.match(databaseIdText(id), /^[A-Za-z0-9+/]{22}$/)
    assert.deepEqual(parseDatabaseId(databaseIdText(id)), id)
  }
})

test('parseDatabaseId() refuses everything else', () => {
  const text = databaseIdText(Buffer.alloc(16, 1))
  for (const wrong of ['', 'short', `${text}==`, `${text}A`, `${text.slice(0, 21)}/`, ` ${text}`])
    assert.equal(parseDatabaseId(wrong), undefined, wrong)
})
