import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CertificateIndex, type IndexedChange } from '#server/system/certificate-index.ts'
import {
  type CertificateRecord,
  type DeletedRecord,
  deletedKey,
} from '#server/system/certificate-records.ts'

function record(thumbprint: string, wanted: Partial<CertificateRecord> = {}): CertificateRecord {
  const made = { kind: 'registered', thumbprint, root: thumbprint, pin: 'p' }
  return { ...made, ...wanted } as CertificateRecord
}

const letters = fc.constantFrom('A', 'B', 'C', 'D')
const changes: fc.Arbitrary<IndexedChange> = fc.oneof(
  fc
    .record({ thumbprint: letters, root: letters, pin: letters })
    .map(({ thumbprint, ...wanted }) => ({ key: thumbprint, record: record(thumbprint, wanted) })),
  letters.map((key) => ({ key })),
  letters.map((pin) => ({
    key: deletedKey(pin),
    record: { kind: 'deleted', pin, deletedAt: 1 } as const,
  })),
  letters.map((pin) => ({ key: deletedKey(pin) })),
)

test('CertificateIndex answers after any changes as a walk through all records does', () => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 40 }), (all) => {
      const index = new CertificateIndex([])
      const table = new Map<string, CertificateRecord | DeletedRecord>()
      for (const change of all) {
        index.apply([change])
        table.delete(change.key)
        if (change.record !== undefined) table.set(change.key, change.record)
      }
      const records = [...table.values()].filter((one) => one.kind === 'registered')
      const deleted = [...table.values()].filter((one) => one.kind === 'deleted')
      const thumbprints = (some: readonly CertificateRecord[]) =>
        some.map(({ thumbprint }) => thumbprint).sort()
      assert.equal(index.size, records.length)
      assert.deepEqual([...index.deletedPins].sort(), deleted.map(({ pin }) => pin).sort())
      for (const letter of ['A', 'B', 'C', 'D']) {
        const ofRoot = records.filter(({ root }) => root === letter)
        const ofPin = records.filter(({ pin }) => pin === letter)
        assert.deepEqual(thumbprints(index.ofRoot(letter)), thumbprints(ofRoot))
        assert.deepEqual(thumbprints(index.ofPin(letter)), thumbprints(ofPin))
        assert.deepEqual(index.get(letter), table.get(letter))
      }
    }),
  )
})

test('CertificateIndex brings a renewal that an earlier version left behind back to its family', () => {
  const moved = record('A', { root: 'B' })
  const behind = record('C', { root: 'A', renewedFrom: 'A' })
  const index = new CertificateIndex([record('B'), moved, behind])
  assert.deepEqual(
    index.ofRoot('B').map(({ thumbprint }) => thumbprint),
    ['B', 'A', 'C'],
  )
})

test('CertificateIndex survives records whose roots name each other', () => {
  const index = new CertificateIndex([record('A', { root: 'B' }), record('B', { root: 'A' })])
  assert.equal(index.size, 2)
})
