import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLockedMemory } from '#server/seal/locked.ts'
import { encryptingSealer } from '#server/seal/page.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import { sealerContract } from '#test/contract/sealer.contract.ts'

sealerContract('encryptingSealer()', (databaseId) => sealerWith(Buffer.alloc(32, 1), databaseId))

function sealerWith(key: Buffer, databaseId: Buffer = Buffer.alloc(16, 1)): Sealer {
  const memory = openLockedMemory()
  const keys = [{ epoch: 1, key: memory.hold(Buffer.from(key)) }]
  return encryptingSealer({ memory, keys, databaseId, database: 'test' })
}

const place = { tree: 3, page: 77, kind: 1 } as const
const plain = Buffer.alloc(8128, 'legible ')

test('encryptingSealer() shows nothing of a page, and seals the same one differently each time', () => {
  const sealer = sealerWith(Buffer.alloc(32, 1))
  const [first, second] = [Buffer.alloc(8168), Buffer.alloc(8168)]
  sealer.sealPage(place, plain, first)
  sealer.sealPage(place, plain, second)
  assert.equal(first.includes('legible'), false)
  assert.notDeepEqual(first, second)
})

test('encryptingSealer() opens nothing with another key', () => {
  const slot = Buffer.alloc(8168)
  const mine = sealerWith(Buffer.alloc(32, 1))
  const tag = mine.sealPage(place, plain, slot)
  const other = sealerWith(Buffer.alloc(32, 2))
  assert.throws(() => other.openPage({ ...place, tag, epoch: 1 }, slot, Buffer.alloc(8128)), {
    code: 'DatabaseDamaged',
  })
  assert.equal(other.openRecord(1, mine.sealRecord(1, plain)), undefined)
})

test('encryptingSealer() opens what older epochs sealed, and seals with the newest', () => {
  const memory = openLockedMemory()
  const key = (epoch: number) => ({ epoch, key: memory.hold(Buffer.alloc(32, epoch)) })
  const options = { memory, databaseId: Buffer.alloc(16, 1), database: 'test' }
  const old = encryptingSealer({ ...options, keys: [key(1)] })
  const slot = Buffer.alloc(8168)
  const tag = old.sealPage(place, plain, slot)
  const record = old.sealRecord(1, plain)
  const both = encryptingSealer({ ...options, keys: [key(1), key(2)] })
  const opened = Buffer.alloc(8128)
  both.openPage({ ...place, tag, epoch: 1 }, slot, opened)
  assert.deepEqual(opened, plain)
  assert.deepEqual(both.openRecord(1, record), plain)
  assert.equal(both.epoch, 2)
  const newTag = both.sealPage(place, plain, slot)
  assert.throws(() => old.openPage({ ...place, tag: newTag, epoch: 2 }, slot, opened), {
    code: 'DatabaseDamaged',
  })
  assert.equal(old.openRecord(1, both.sealRecord(1, plain)), undefined)
})

test('close() gives back all locked memory', () => {
  const memory = openLockedMemory()
  const keys = [{ epoch: 1, key: memory.random(32) }]
  const sealer = encryptingSealer({
    memory,
    keys,
    databaseId: Buffer.alloc(16, 1),
    database: 'test',
  })
  sealer.sealPage(place, plain, Buffer.alloc(8168))
  sealer.sealRecord(1, plain)
  sealer.close()
  assert.equal(memory.usedBytes, 0)
})
