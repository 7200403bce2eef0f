import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  applied,
  callersIn,
  entryOf,
  familyOf,
  isListed,
} from '#server/system/certificate-families.ts'
import { type CertificateRecord, certificateTable } from '#server/system/certificate-records.ts'
import { authority, client } from '#test/support/certificates.ts'

function record(thumbprint: string, wanted: Partial<CertificateRecord> = {}): CertificateRecord {
  return { kind: 'registered', thumbprint, root: thumbprint, ...wanted } as CertificateRecord
}

const first = record('A')
const member = record('B', { root: 'A' })
const renewal = record('C', { root: 'A', renewedFrom: 'A' })
const stranger = record('D')
const records = [first, member, renewal, stranger]

test('familyOf() finds all that share a root, by any of them and in any case', () => {
  for (const thumbprint of ['A', 'b', 'C'])
    assert.deepEqual(familyOf(records, thumbprint), [first, member, renewal])
  assert.deepEqual(familyOf(records, 'D'), [stranger])
  assert.deepEqual(familyOf(records, 'E'), [])
})

test('isListed() and entryOf() show renewals by themselves and collections by their first', () => {
  assert.deepEqual(records.filter(isListed), [first, renewal, stranger])
  assert.deepEqual(entryOf(first, records), { record: first, secondaryThumbprints: ['B'] })
  assert.deepEqual(entryOf(renewal, records).secondaryThumbprints, [])
})

test('callersIn() leaves out authorities that signed another of the file, and no others', async () => {
  const ca = await authority()
  const unrelated = (await authority('Unrelated')).certificate
  const { certificate } = await client(ca)
  assert.deepEqual(callersIn([certificate, ca.certificate]), [certificate])
  assert.deepEqual(callersIn([certificate, unrelated]), [certificate, unrelated])
  assert.deepEqual(callersIn([ca.certificate]), [ca.certificate])
})

test('applied() is what the records will be', () => {
  const changed = record('A', { name: 'new' })
  const changes = [
    { table: certificateTable, key: 'A', record: changed },
    { table: certificateTable, key: 'D' },
    {
      table: certificateTable,
      key: 'deleted/p',
      record: { kind: 'deleted', pin: 'p', deletedAt: 1 },
    },
  ] as const
  assert.deepEqual(
    applied(records, changes).toSorted((a, b) => (a.thumbprint < b.thumbprint ? -1 : 1)),
    [changed, member, renewal],
  )
})
