import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateRecord } from '#server/system/certificate-records.ts'
import {
  demandAdministrator,
  demandClearance,
  demandNotOwn,
  demandStrongKey,
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
  const actor = { clearance: 'ClusterAdmin', thumbprint: 'A' } as const
  demandNotOwn(actor, [record({ thumbprint: 'B' })], 'delete')
  assert.throws(
    () => demandNotOwn(actor, [record({})], 'delete'),
    (error) => hasCode(error, 'CertificateInUse'),
  )
})

test('demandAdministrator() counts who can administer now', () => {
  const last = (error: unknown): boolean => hasCode(error, 'LastAdministrator')
  const lost = [{ clearance: 'Operator' }, { disabled: true }, { notAfter: 9 }] as const
  for (const change of lost)
    assert.throws(() => demandAdministrator([record({})], [record(change)], 10), last)
  assert.throws(() => demandAdministrator([record({})], [], 10), last)
  demandAdministrator([record({})], [record({ thumbprint: 'B', clearance: 'ClusterNode' })], 10)
  demandAdministrator([], [], 10)
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
