import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainSealer } from '#server/seal/plain.ts'
import { sealerContract } from '#test/contract/sealer.contract.ts'

sealerContract('plainSealer()', (databaseId) => plainSealer({ databaseId, database: 'test' }))

test('plainSealer() leaves content legible: it is for databases that are not encrypted', () => {
  const sealer = plainSealer({ databaseId: Buffer.alloc(16, 1), database: 'test' })
  const slot = Buffer.alloc(8168)
  sealer.sealPage({ tree: 1, page: 1, kind: 1 }, Buffer.alloc(8128, 'legible '), slot)
  assert.equal(slot.includes('legible'), true)
  sealer.close()
})
