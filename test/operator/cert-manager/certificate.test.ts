/** Every field that is written or read stands in cert-manager's own definitions, read from its module where that is on this machine. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certManagerDefinitions } from '#bench/peers/cert-manager.ts'
import { clientCertificate, serverCertificate } from '#operator/cert-manager/desired.ts'
import { certManagerCertificates, certManagerRequests } from '#operator/kube/kinds.ts'
import { misfits, type Schema, schemaFrom } from '#test/support/cert-manager.ts'
import { certificate, strongroom } from '#test/support/resources.ts'

const folder = certManagerDefinitions()
const skip = folder === undefined && 'cert-manager is not built here: test:kubernetes builds it'
const issuerRef = { group: 'cert-manager.io', kind: 'Issuer', name: 'ca' }
const status = {
  renewalTime: '2026-01-01T00:00:00Z',
  conditions: [
    { type: 'Ready', status: 'False', reason: 'r', message: 'm', observedGeneration: 1 },
  ],
}

for (const [what, object] of [
  ['server', serverCertificate(strongroom(), { issuerRef, dnsNames: ['db.example.com'] })],
  ['client', clientCertificate(certificate(), issuerRef)],
  [
    'ECDSA client',
    clientCertificate(certificate({ spec: { privateKey: { algorithm: 'ECDSA' } } }), issuerRef),
  ],
] as const)
  test(`the ${what} Certificate fits cert-manager's definition, and so does what is read of it`, {
    skip,
  }, () => {
    const schema = schemaFrom(folder ?? '', certManagerCertificates)
    assert.deepEqual(misfits(object.spec, schema?.properties?.spec), [])
    assert.deepEqual(misfits(status, schema?.properties?.status), [])
  })

test("what is read of a CertificateRequest fits cert-manager's definition", { skip }, () => {
  const conditions = status.conditions.map(({ observedGeneration: _, ...rest }) => rest)
  const schema = schemaFrom(folder ?? '', certManagerRequests)
  assert.deepEqual(misfits({ conditions }, schema?.properties?.status), [])
})

test('misfits() names what a definition does not know or knows otherwise', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      size: { type: 'integer' },
      policy: { type: 'string', enum: ['Always'] },
      list: { type: 'array', items: { type: 'string' } },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  }
  const fine = { name: 'x', size: 1, policy: 'Always', list: ['a'], labels: { a: 'b' } }
  assert.deepEqual(misfits(fine, schema), [])
  const wrong = { name: ['x'], size: 'x', policy: 'Never', list: [1], labels: { a: 1 }, more: 1 }
  assert.deepEqual(misfits(wrong, schema), [
    '.name: is a list here and string there',
    '.size: is string here and integer there',
    '.policy: Never is none of Always',
    '.list[0]: is integer here and string there',
    '.labels.a: is integer here and string there',
    '.more: is not in the definition',
  ])
})
