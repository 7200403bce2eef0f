import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { Observed } from '#operator/certificates/observe.ts'
import {
  liveThumbprints,
  ownRecords,
  permissionsFor,
  unionFor,
} from '#operator/certificates/records.ts'
import { annotation, clusterLabels } from '#operator/kube/labels.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { authority, client } from '#test/support/certificates.ts'
import { certificate, permission, secret } from '#test/support/resources.ts'

const [noted, used, earlier, renewal] = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(40))
let shop: Issued
before(async () => {
  shop = await client(await authority())
})

const none = tlsMaterial(undefined, 'tls')
const record = (thumbprint = '', publicKeyPin = thumbprint) =>
  ({ thumbprint, publicKeyPin }) as CertificateState

function seen(given: Partial<Observed> = {}): Observed {
  const resource = certificate({
    metadata: { annotations: { [annotation.registered]: noted ?? '' } },
    status: {
      thumbprint: used ?? '',
      superseded: [{ thumbprint: earlier ?? '', notAfter: '2026-01-01T00:00:00Z' }],
    },
  })
  const base = { nowMs: Date.UTC(2026, 5, 1), resource, current: none, next: none }
  return {
    ...base,
    permissions: [],
    certificates: [],
    records: [],
    ...given,
  } as unknown as Observed
}

test('liveThumbprints() knows them without any Secret: by annotation, status and earlier ones, also after their end', () => {
  assert.deepEqual(liveThumbprints(seen()), [noted, used, earlier])
})

test('liveThumbprints() takes what the Secret holds only where the Secret is ours', () => {
  const data = tlsData(shop)
  const theirs = { ...secret('shop-tls', {}), data }
  const annotations = { [annotation.source]: 'StrongroomCertificate/shop' }
  const ours = {
    ...secret(
      'shop-tls',
      {},
      { labels: clusterLabels('vault', 'client-certificate'), annotations },
    ),
    data,
  }
  const current = tlsMaterial(theirs, 'shop-tls')
  const { thumbprint } = shop.certificate
  assert.ok(liveThumbprints(seen({ current, target: ours })).includes(thumbprint))
  assert.ok(!liveThumbprints(seen({ current, target: theirs })).includes(thumbprint))
})

test('ownRecords() adds renewals of the same key, and no other record', () => {
  const records = [record('E'.repeat(40)), record(renewal, used), record(used), record(noted)]
  assert.deepEqual(
    ownRecords(seen({ records })).map(({ thumbprint }) => thumbprint),
    [noted, used, renewal],
  )
})

test('unionFor() counts every permission about the record, however that names it', () => {
  const byThumbprint = permission({
    metadata: { name: 'other' },
    spec: {
      subject: { thumbprint: used ?? '' },
      databases: [{ name: 'stock', access: 'Read' }],
    },
  })
  const observed = seen({ permissions: [permission(), byThumbprint], records: [record(used)] })
  assert.equal(permissionsFor(observed, record(used)).length, 2)
  assert.deepEqual(unionFor(observed, record(used)).rights.permissions, {
    orders: 'ReadWrite',
    stock: 'Read',
  })
  assert.equal(permissionsFor(observed, record(noted)).length, 1)
})
