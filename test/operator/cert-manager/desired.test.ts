import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientCertificate, serverCertificate } from '#operator/cert-manager/desired.ts'
import { certificate, strongroom } from '#test/support/resources.ts'

const issuerRef = { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'ca' }
const dnsNames = ['db.example.com', '*.db.example.com']

test('serverCertificate() asks for the names, for a new ECDSA key each time, and for a server only', () => {
  const { spec } = serverCertificate(strongroom(), { issuerRef, dnsNames })
  assert.deepEqual(spec.dnsNames, dnsNames)
  assert.equal(spec.commonName, undefined)
  assert.deepEqual(spec.usages, ['digital signature', 'server auth'])
  assert.deepEqual(spec.privateKey, {
    algorithm: 'ECDSA',
    encoding: 'PKCS8',
    size: 256,
    rotationPolicy: 'Always',
  })
  assert.deepEqual(spec.issuerRef, issuerRef)
})

test('serverCertificate() leaves the life to the issuer, and keeps one finished request', () => {
  const { spec } = serverCertificate(strongroom(), { issuerRef, dnsNames })
  assert.ok(!('duration' in spec) && !('renewBefore' in spec))
  assert.equal(spec.revisionHistoryLimit, 1)
})

test('serverCertificate() never names the Secret that pods mount', () => {
  const { spec, metadata } = serverCertificate(strongroom(), { issuerRef, dnsNames })
  assert.equal(spec.secretName, 'vault-cert-manager-tls')
  assert.equal(metadata.name, 'vault-cert-manager-tls')
})

test('serverCertificate() goes with its Strongroom, and its Secret bears the labels by which the operator sees it', () => {
  const cluster = strongroom()
  const { metadata, spec } = serverCertificate(cluster, { issuerRef, dnsNames })
  assert.equal(metadata.namespace, 'shop')
  assert.deepEqual(
    metadata.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller]),
    [['Strongroom', cluster.metadata.uid, true]],
  )
  for (const labels of [metadata.labels, spec.secretTemplate.labels]) {
    assert.equal(labels?.['app.kubernetes.io/managed-by'], 'strongroom-operator')
    assert.equal(labels?.['strongroom.dev/cluster'], 'vault')
  }
  assert.deepEqual(spec.secretTemplate.annotations, { 'strongroom.dev/source': 'Strongroom/vault' })
})

test('serverCertificate() cuts the name of a long Strongroom', () => {
  const cluster = strongroom({ metadata: { name: 'v'.repeat(63) } })
  const { metadata, spec } = serverCertificate(cluster, { issuerRef, dnsNames })
  assert.ok(metadata.name.length <= 52)
  assert.equal(spec.secretName, metadata.name)
})

test('clientCertificate() asks for an RSA key in PKCS#1, and for a client only', () => {
  const { spec } = clientCertificate(certificate(), issuerRef)
  assert.equal(spec.commonName, 'shop')
  assert.equal(spec.dnsNames, undefined)
  assert.deepEqual(spec.usages, ['digital signature', 'client auth'])
  assert.deepEqual(spec.privateKey, {
    algorithm: 'RSA',
    encoding: 'PKCS1',
    size: 3072,
    rotationPolicy: 'Always',
  })
})

test('clientCertificate() asks for ECDSA and for the life that the resource declares', () => {
  const resource = certificate({ spec: { privateKey: { algorithm: 'ECDSA' }, duration: '1h' } })
  const { spec } = clientCertificate(resource, issuerRef)
  assert.equal(spec.privateKey.algorithm, 'ECDSA')
  assert.equal(spec.duration, '1h')
  const { duration: _, ...without } = resource.spec
  assert.ok(!('duration' in clientCertificate({ ...resource, spec: without }, issuerRef).spec))
})

test('clientCertificate() has its own Secret, apart from the one that programs use and from a Strongroom of the same name', () => {
  const resource = certificate({ metadata: { name: 'vault' } })
  const { spec, metadata } = clientCertificate(resource, issuerRef)
  assert.equal(spec.secretName, 'vault-cert-manager-client')
  assert.notEqual(spec.secretName, resource.spec.secretName)
  assert.notEqual(
    spec.secretName,
    serverCertificate(strongroom(), { issuerRef, dnsNames }).spec.secretName,
  )
  assert.equal(metadata.labels?.['strongroom.dev/cluster'], 'vault')
  assert.deepEqual(metadata.annotations, { 'strongroom.dev/source': 'StrongroomCertificate/vault' })
})
