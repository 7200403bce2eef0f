import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CertificateRecord,
  certificateTable,
  deletedKey,
  registrationOf,
} from '#server/system/certificate-records.ts'

const record: CertificateRecord = {
  kind: 'registered',
  name: 'shop',
  thumbprint: 'A',
  pin: 'p',
  certificate: Buffer.from('der').toString('base64'),
  clearance: 'ValidUser',
  permissions: { orders: 'Read' },
  notBefore: 1,
  notAfter: 2,
  disabled: false,
  usage: 'Client',
  root: 'A',
  registeredAt: 3,
}

test('certificateTable keeps records as they are', () => {
  const renewed = { ...record, issuer: 'AAAA', renewedFrom: 'B' }
  const deleted = { kind: 'deleted', pin: 'p', deletedAt: 4 } as const
  for (const one of [record, renewed, deleted]) {
    assert.deepEqual(certificateTable.decode(certificateTable.encode(one)), one)
  }
})

test('certificateTable refuses a record of another shape', () => {
  const wrong = { ...record, clearance: 'Emperor' } as unknown as CertificateRecord
  assert.throws(() => certificateTable.encode(wrong))
})

test('registrationOf() gives access the bytes', () => {
  const registration = registrationOf({ ...record, issuer: Buffer.from('ca').toString('base64') })
  assert.equal(registration.certificate.toString(), 'der')
  assert.equal(registration.issuer?.toString(), 'ca')
  assert.equal(registrationOf(record).issuer, undefined)
})

test('deletedKey() is no thumbprint', () => {
  assert.doesNotMatch(deletedKey('p'), /^[0-9A-F]{40}$/)
})
