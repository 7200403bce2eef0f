import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateRecord } from '#server/system/certificate-records.ts'
import {
  demandAdministrator,
  demandClearance,
  demandNotOwn,
  demandOwnUsable,
  demandStrongKey,
  demandWithin,
} from '#server/system/certificate-rules.ts'
import { hasCode } from '#shared/errors.ts'
import type { Certificate } from '#shared/pki/certificate.ts'

const clearances = ['ClusterAdmin', 'ClusterNode', 'Operator', 'ValidUser'] as const

function record(wanted: Partial<CertificateRecord>): CertificateRecord {
  const made = {
    thumbprint: 'A',
    clearance: 'ClusterAdmin',
    disabled: false,
    notAfter: 100,
    name: 'a',
  }
  return { ...made, ...wanted } as CertificateRecord
}

test('demandClearance() lets admins do everything, and Operators nothing with admins', () => {
  for (const actor of clearances) {
    for (const touched of clearances) {
      const demand = (): void =>
        demandClearance({ clearance: actor }, 'x', [
          { clearance: 'ValidUser' },
          { clearance: touched },
        ])
      const isAdmin = actor.startsWith('Cluster')
      if (isAdmin || !touched.startsWith('Cluster')) demand()
      else
        assert.throws(
          demand,
          (error) => hasCode(error, 'CertificateBeyondClearance') && error.status === 403,
        )
    }
  }
})

test('demandNotOwn() knows the caller by his thumbprint', () => {
  const actor = { thumbprint: 'A' }
  demandNotOwn(actor, [record({ thumbprint: 'B' })], 'delete')
  assert.throws(
    () => demandNotOwn(actor, [record({})], 'delete'),
    (error) => hasCode(error, 'CertificateInUse'),
  )
})

test('demandAdministrator() counts who can administer now', () => {
  const last = (error: unknown): boolean => hasCode(error, 'LastAdministrator')
  const lost = [
    ...[{ clearance: 'Operator' }, { disabled: true }, { notAfter: 9 }],
    { clearanceExpiration: 10 },
  ] as const
  for (const change of lost)
    assert.throws(() => demandAdministrator([record({})], [record(change)], 10), last)
  assert.throws(() => demandAdministrator([record({})], [], 10), last)
  demandAdministrator([record({})], [record({ thumbprint: 'B', clearance: 'ClusterNode' })], 10)
  demandAdministrator([], [], 10)
})

test('demandAdministrator() wants somebody who may for good, as long as there is one', () => {
  const last = (error: unknown): boolean => hasCode(error, 'LastAdministrator')
  for (const ending of [{ clearanceExpiration: 99 }, { validUntil: 99 }]) {
    const forAWhile = record({ thumbprint: 'B', ...ending })
    assert.throws(() => demandAdministrator([record({})], [forAWhile], 10), last)
    demandAdministrator([forAWhile], [forAWhile], 10)
    demandAdministrator([record({})], [record({}), forAWhile], 10)
  }
})

test('demandOwnUsable() lets nobody disable or end the certificate that he uses', () => {
  const actor = { thumbprint: 'A' }
  const usable = { notBefore: 1, notAfter: 100 }
  demandOwnUsable(actor, [record(usable)], 10)
  for (const change of [{ disabled: true }, { notAfter: 9 }, { notBefore: 11 }]) {
    const after = [record({ ...usable, ...change })]
    demandOwnUsable({ thumbprint: 'B' }, after, 10)
    assert.throws(
      () => demandOwnUsable(actor, after, 10),
      (error) => hasCode(error, 'CertificateInUse'),
    )
  }
})

test('demandWithin() takes dates within those of the certificate, and no others', () => {
  const own = { notBefore: 10, notAfter: 20 }
  for (const limits of [
    {},
    { validFrom: 10, validUntil: 20 },
    { validFrom: 20 },
    { validUntil: 10 },
  ])
    demandWithin(own, limits)
  const wrong = [
    ...[{ validFrom: 9 }, { validFrom: 21 }, { validUntil: 9 }, { validUntil: 21 }],
    { validFrom: 15, validUntil: 14 },
  ]
  for (const limits of wrong) {
    assert.throws(
      () => demandWithin(own, limits),
      (error) => hasCode(error, 'CertificateDatesInvalid') && error.status === 400,
    )
  }
})

test('demandStrongKey() refuses RSA below 2048 bits', () => {
  const certificate = (modulusLength: number | undefined) =>
    ({
      subject: 'CN=a',
      publicKey: { asymmetricKeyDetails: { modulusLength } },
    }) as unknown as Certificate
  assert.throws(
    () => demandStrongKey(certificate(2047)),
    (error) => hasCode(error, 'CertificateKeyWeak'),
  )
  for (const bits of [2048, 4096, undefined]) demandStrongKey(certificate(bits))
})
