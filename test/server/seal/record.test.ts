import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLockedMemory } from '#server/seal/locked.ts'
import { openRecordSealer } from '#server/seal/record.ts'
import { Purpose } from '#server/seal/sealer.ts'

const place = { purpose: Purpose.WrappedKey, context: Buffer.from('database 1') }
const secret = Buffer.from('the wrapped key')

function sealers() {
  const memory = openLockedMemory()
  const [key, other] = [memory.random(32), memory.random(32)]
  return {
    memory,
    records: openRecordSealer({ memory, key: key.bytes }),
    others: openRecordSealer({ memory, key: other.bytes }),
  }
}

test('open() gives back what seal() took, of any size', () => {
  const { records, memory } = sealers()
  for (const plain of [Buffer.alloc(0), secret, Buffer.alloc(100_000, 1)])
    assert.deepEqual(records.open(place, records.seal(place, plain)), plain)
  memory.close()
})

test('seal() never makes the same bytes twice, and shows nothing of what it seals', () => {
  const { records, memory } = sealers()
  const sealed = records.seal(place, secret)
  assert.notDeepEqual(records.seal(place, secret), sealed)
  assert.equal(sealed.includes(secret), false)
  memory.close()
})

test('open() gives nothing for another key, purpose or context, for any flipped bit, and for a cut', () => {
  const { records, others, memory } = sealers()
  const sealed = records.seal(place, secret)
  assert.equal(others.open(place, sealed), undefined)
  assert.equal(records.open({ ...place, purpose: Purpose.Secret }, sealed), undefined)
  assert.equal(records.open({ ...place, context: Buffer.from('database 2') }, sealed), undefined)
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const flipped = Buffer.from(sealed)
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.equal(records.open(place, flipped), undefined)
  }
  for (const length of [0, 39, sealed.length - 1])
    assert.equal(records.open(place, sealed.subarray(0, length)), undefined)
  memory.close()
})

test('close() gives back the memory of its subkeys', () => {
  const { records, memory } = sealers()
  const used = memory.usedBytes
  records.seal(place, secret)
  assert.ok(memory.usedBytes > used)
  records.close()
  assert.equal(memory.usedBytes, used)
  memory.close()
})
