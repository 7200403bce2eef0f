import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { strongroomDatabases } from '#operator/api/database.ts'
import { schemaTrouble } from '#operator/api/kind.ts'
import { customKinds } from '#operator/api/kinds.ts'
import { strongroomPermissions } from '#operator/api/permission.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { certificate, database, permission, strongroom } from '#test/support/resources.ts'

test('schemaTrouble() has nothing to say of what the examples and the API server know', () => {
  assert.equal(schemaTrouble(strongrooms, strongroom()), undefined)
  assert.equal(schemaTrouble(strongroomDatabases, database()), undefined)
  assert.equal(schemaTrouble(strongroomCertificates, certificate()), undefined)
  assert.equal(schemaTrouble(strongroomPermissions, permission()), undefined)
  const full = strongroom({
    spec: {
      exposure: { host: 'vault.example.com' },
      encryption: { masterKey: { secretRef: { name: 'key' } }, required: true },
      tls: { server: { secretRef: { name: 'tls' } }, dnsNames: ['*.example.com'] },
      pod: { resources: { limits: { cpu: '1.5', memory: '512Mi' }, requests: { cpu: '50m' } } },
    },
  })
  assert.equal(schemaTrouble(strongrooms, full), undefined)
  for (const notAfter of [
    '2027-01-01T00:00:00Z',
    '2027-01-01T00:00:00.123456Z',
    '2027-01-01T02:00:00+02:00',
  ])
    assert.equal(
      schemaTrouble(strongroomPermissions, permission({ spec: { notAfter } })),
      undefined,
    )
})

test('schemaTrouble() names the field that does not fit', () => {
  const cases: readonly [string | undefined, RegExp][] = [
    [schemaTrouble(strongrooms, strongroom({ metadata: { name: 'a.b' } })), /^\/metadata\/name /],
    [schemaTrouble(strongrooms, strongroom({ metadata: { name: '1a' } })), /^\/metadata\/name /],
    [
      schemaTrouble(strongrooms, strongroom({ metadata: { name: 'a'.repeat(64) } })),
      /^\/metadata\/name /,
    ],
    [
      schemaTrouble(strongrooms, strongroom({ spec: { storage: { size: 'much' } } })),
      /^\/spec\/storage\/size /,
    ],
    [
      schemaTrouble(strongrooms, strongroom({ spec: { exposure: { host: '*.example.com' } } })),
      /^\/spec\/exposure\/host /,
    ],
    [
      schemaTrouble(
        strongrooms,
        strongroom({ spec: { pod: { resources: { limits: { cpu: 'all' } } } } }),
      ),
      /^\/spec\/pod\/resources\/limits/,
    ],
    [schemaTrouble(strongrooms, strongroom({ spec: { members: 3 } })), /^\/spec\/members /],
    [schemaTrouble(strongroomDatabases, database({ spec: { name: '../x' } })), /^\/spec\/name /],
    [
      schemaTrouble(strongroomPermissions, permission({ spec: { notAfter: 'soon' } })),
      /^\/spec\/notAfter /,
    ],
  ]
  for (const [trouble, expected] of cases) assert.match(trouble ?? 'nothing', expected)
})

test('every kind is namespaced, of our group and version, and named in one way', () => {
  for (const { kind, plural, apiVersion, namespaced, shortName } of customKinds) {
    assert.equal(plural, `${kind.toLowerCase()}s`)
    assert.deepEqual([apiVersion, namespaced], ['strongroom.dev/v1alpha1', true])
    assert.match(shortName, /^sr[a-z]*$/)
  }
})
