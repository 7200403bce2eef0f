import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  callersIn,
  entryOf,
  familiesOf,
  familyOf,
  isListed,
} from '#server/system/certificate-families.ts'
import { CertificateIndex } from '#server/system/certificate-index.ts'
import type { CertificateRecord } from '#server/system/certificate-records.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import { authority, client } from '#test/support/certificates.ts'

function record(thumbprint: string, wanted: Partial<CertificateRecord> = {}): CertificateRecord {
  return { kind: 'registered', thumbprint, root: thumbprint, ...wanted } as CertificateRecord
}

const first = record('A')
const member = record('B', { root: 'A' })
const renewal = record('C', { root: 'A', renewedFrom: 'A' })
const stranger = record('D')
const records = new CertificateIndex([first, member, renewal, stranger])

test('familyOf() finds all that share a root, by any of them', () => {
  for (const thumbprint of ['A', 'B', 'C'])
    assert.deepEqual(familyOf(records, thumbprint), [first, member, renewal])
  assert.deepEqual(familyOf(records, 'D'), [stranger])
  assert.deepEqual(familyOf(records, 'E'), [])
})

test('familiesOf() finds the families of several certificates, each once', () => {
  const named = (thumbprint: string) => ({ thumbprint }) as Certificate
  assert.deepEqual(familiesOf(records, [named('A'), named('B')]), [first, member, renewal])
  assert.deepEqual(familiesOf(records, [named('C'), named('D'), named('E')]), [
    ...[first, member, renewal],
    stranger,
  ])
})

test('isListed() and entryOf() show renewals by themselves and collections by their first', () => {
  assert.deepEqual([...records.all()].filter(isListed), [first, renewal, stranger])
  assert.deepEqual(entryOf(first, records), { record: first, secondaryThumbprints: ['B'] })
  assert.deepEqual(entryOf(renewal, records).secondaryThumbprints, [])
})

test('isListed() goes by what the record says of itself, where it does', () => {
  assert.equal(isListed(record('A', { root: 'Z', secondary: false })), true)
  assert.equal(isListed(record('A', { secondary: true })), false)
})

test('callersIn() leaves out authorities that signed another of the file, and no others', async () => {
  const ca = await authority()
  const unrelated = (await authority('Unrelated')).certificate
  const { certificate } = await client(ca)
  assert.deepEqual(callersIn([certificate, ca.certificate]), [certificate])
  assert.deepEqual(callersIn([certificate, unrelated]), [certificate, unrelated])
  assert.deepEqual(callersIn([ca.certificate]), [ca.certificate])
})
