import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Associated } from '#server/seal/associated.ts'

test('Associated.of() writes format, kind, database, tree and page at their places', () => {
  const associated = new Associated(Buffer.alloc(16, 0xab))
  const bytes = associated.of({ kind: 2, tree: 0x0102, page: 0x03_0405_0607 }).toString('hex')
  assert.equal(bytes, `0102${'ab'.repeat(16)}01020000000304050607`)
})

test('Associated takes an id of 16 bytes only', () => {
  assert.throws(() => new Associated(Buffer.alloc(15)), { code: 'ERR_ASSERTION' })
})
