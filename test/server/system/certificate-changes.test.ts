import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  applied,
  put,
  registrations,
  removals,
  succession,
} from '#server/system/certificate-changes.ts'
import {
  type CertificateRecord,
  certificateTable,
  deletedKey,
} from '#server/system/certificate-records.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client } from '#test/support/certificates.ts'

function record(thumbprint: string, wanted: Partial<CertificateRecord> = {}): CertificateRecord {
  return {
    kind: 'registered',
    thumbprint,
    root: thumbprint,
    pin: thumbprint,
    ...wanted,
  } as CertificateRecord
}

let ca: Issued
let shop: Issued
before(async () => {
  ca = await authority()
  shop = await client(ca)
})

const rights = { clearance: 'Operator', permissions: {} } as const

test('registrations() makes records that the table takes, keeps disabled, and lifts the bar', () => {
  const { certificate } = shop
  const wanted = {
    name: 'shop',
    rights,
    members: [certificate],
    issuers: [certificate, ca.certificate],
    now: 7,
  }
  const follower = record('F', { root: certificate.thumbprint, disabled: false })
  const touched = [record(certificate.thumbprint, { disabled: true }), follower]
  const [made, followed, lifted] = registrations({ ...wanted, touched })
  assert.ok(made?.record?.kind === 'registered' && certificateTable.encode(made.record).length > 0)
  assert.deepEqual(
    [made.record.disabled, made.record.root, made.record.registeredAt],
    [true, certificate.thumbprint, 7],
  )
  assert.equal(made.record.issuer, ca.certificate.der.toString('base64'))
  assert.deepEqual(followed, put({ ...follower, ...rights }))
  assert.deepEqual(lifted, { table: certificateTable, key: deletedKey(certificate.pin) })
})

test('removals() bars each key once', () => {
  const family = [record('A', { pin: 'p' }), record('B', { pin: 'p' })]
  const changes = removals(family, 7)
  assert.deepEqual(
    changes.map(({ key }) => key),
    ['A', 'B', deletedKey('p')],
  )
  assert.deepEqual(changes.at(-1)?.record, { kind: 'deleted', pin: 'p', deletedAt: 7 })
})

test('succession() inherits everything but what the certificate says itself', () => {
  const { certificate } = shop
  const from = record('A', { name: 'shop', ...rights, disabled: false })
  const outlived = record('O', { renewedFrom: 'A', notAfter: 1 })
  const [made, dropped] = succession({
    from,
    certificate,
    issuer: ca.certificate,
    family: [from, outlived],
    now: 2,
  })
  assert.ok(made?.record?.kind === 'registered')
  const { name, clearance, root, renewedFrom, thumbprint, notAfter } = made.record
  assert.deepEqual(
    { name, clearance, root, renewedFrom },
    { name: 'shop', clearance: 'Operator', root: 'A', renewedFrom: 'A' },
  )
  assert.deepEqual(
    [thumbprint, notAfter, made.version],
    [certificate.thumbprint, certificate.notAfter, 0],
  )
  assert.deepEqual(dropped, { table: certificateTable, key: 'O' })
})

test('applied() is what the records will be', () => {
  const [a, b, d] = [record('A'), record('B'), record('D')]
  const changed = record('A', { name: 'new' })
  const changes = [put(changed), { table: certificateTable, key: 'D' }, ...removals([], 1)]
  assert.deepEqual(
    applied([a, b, d], changes).map(({ thumbprint, name }) => [thumbprint, name]),
    [
      ['B', undefined],
      ['A', 'new'],
    ],
  )
})
