import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Found, reportOf } from '#cli/cluster/report.ts'
import { reportShape } from '#cli/cluster/report-shape.ts'
import { misfit } from '#shared/schema/check.ts'
import { clientCertificate, cluster, issued, issuer, order, ready, sha256 } from './scene.ts'

function report(found: Partial<Found>) {
  const made = reportOf({ strongrooms: [], certificates: [], issuers: [], ...found })
  assert.equal(misfit(reportShape, made), undefined, 'it has the shape that is documented')
  return made
}

test('reportOf() tells issuer, certificate, members, keys and conditions of a Strongroom', () => {
  const [one] = report({ strongrooms: [cluster()] }).strongrooms
  assert.equal(
    `${one?.namespace}/${one?.name} ${one?.ready} ${one?.reason}`,
    'shop/vault False OrderFailed',
  )
  assert.deepEqual(one?.certificate, {
    source: 'issuerRef',
    issuer: 'StrongroomIssuer letsencrypt',
    sha256,
    notAfter: issued.notAfter,
    renewAt: issued.renewAt,
    revision: 3,
    isServed: true,
  })
  assert.deepEqual(
    one?.members.map(({ name, public: served }) => [name, served?.sha256]),
    [['vault-0', sha256]],
  )
  assert.deepEqual(one?.masterKeys, ready.masterKeys)
  assert.equal(one?.conditions.length, 4)
})

test('reportOf() tells the order that is worked on, name by name, and what stands in its way', () => {
  const [one] = report({ strongrooms: [cluster()] }).strongrooms
  assert.deepEqual(one?.order, {
    url: 'https://ca.test/order/7',
    status: 'pending',
    names: [
      { name: 'db.example.com', status: 'pending', challenge: 'dns-01' },
      { name: '', status: 'unread' },
    ],
    failedAttempts: 2,
    againAt: '2026-06-01T00:05:00Z',
    problem: {
      name: 'db.example.com',
      challenge: 'dns-01',
      solver: 'rfc2136',
      type: 'dns',
      detail: 'DNS problem: NXDOMAIN looking up TXT',
    },
  })
  assert.ok(!JSON.stringify(one).includes('a-token'), "tokens are nobody's business")
})

test('reportOf() sees a certificate that is issued but not served by every member', () => {
  const publicCertificate = { ...issued, sha256: 'ff'.repeat(32) }
  const status = { ...ready, publicCertificate }
  const [one] = report({ strongrooms: [cluster(undefined, status)] }).strongrooms
  assert.equal(one?.certificate.isServed, false)
  const without = { ...status, members: [{ name: 'vault-0', ready: false }] }
  const [other] = report({ strongrooms: [cluster(undefined, without)] }).strongrooms
  assert.equal(other?.certificate.isServed, false)
})

test('reportOf() names the source of a certificate that no issuer gave, and shows what is served', () => {
  const sourceOf = (server: Parameters<typeof cluster>[0]) => {
    const [one] = report({ strongrooms: [cluster(server, ready)] }).strongrooms
    return [one?.certificate.source, one?.certificate.issuer, one?.certificate.sha256]
  }
  assert.deepEqual(sourceOf({ selfSigned: {} }), ['selfSigned', undefined, sha256])
  assert.deepEqual(sourceOf({ secretRef: { name: 'mine' } }), ['secretRef', 'Secret mine', sha256])
  const group = 'cert-manager.io'
  const ref = { group, kind: 'ClusterIssuer', name: 'x' } as const
  assert.deepEqual(sourceOf({ issuerRef: { group, name: 'x' } }).slice(1, 2), ['Issuer x'])
  assert.deepEqual(sourceOf({ issuerRef: ref }).slice(0, 2), ['issuerRef', 'ClusterIssuer x'])
})

test("reportOf() does not take for the issuer's what is served until it has given something", () => {
  const [one] = report({ strongrooms: [cluster(undefined, { ...ready, order })] }).strongrooms
  assert.deepEqual(one?.certificate, {
    source: 'issuerRef',
    issuer: 'StrongroomIssuer letsencrypt',
  })
})

test('reportOf() says Unknown of what the operator has not looked at yet', () => {
  const { strongrooms, certificates } = report({
    strongrooms: [cluster(undefined, {})],
    certificates: [{ ...clientCertificate, status: {} }],
  })
  assert.deepEqual(strongrooms[0]?.ready, 'Unknown')
  assert.deepEqual(strongrooms[0]?.certificate, {
    source: 'issuerRef',
    issuer: 'StrongroomIssuer letsencrypt',
  })
  assert.deepEqual(certificates[0]?.ready, 'Unknown')
})

test('reportOf() names the issuer of a client certificate that has one', () => {
  const spec = { ...clientCertificate.spec, issuerRef: { name: 'company' } }
  const [one] = report({ certificates: [{ ...clientCertificate, spec }] }).certificates
  assert.equal(one?.issuer, 'StrongroomIssuer company')
})

test('reportOf() tells client certificates, and puts everything in order', () => {
  const b = { ...clientCertificate, metadata: { name: 'b', namespace: 'a' } }
  const made = report({
    strongrooms: [cluster(), cluster(undefined, ready, 'archive')],
    certificates: [clientCertificate, b],
  })
  assert.deepEqual(
    made.strongrooms.map(({ name }) => name),
    ['archive', 'vault'],
  )
  assert.deepEqual(
    made.certificates.map(({ namespace }) => namespace),
    ['a', 'shop'],
  )
  assert.deepEqual(made.certificates[1], {
    namespace: 'shop',
    name: 'app',
    strongroom: 'vault',
    ready: 'True',
    reason: 'Ready',
    message: 'It is there',
    secretName: 'app-tls',
    thumbprint: 'AA'.repeat(20),
    notAfter: '2026-08-01T00:00:00Z',
    renewAt: '2026-07-01T00:00:00Z',
  })
})

test('reportOf() tells whether an issuer can be used, and which account it has', () => {
  const authority = { ...issuer, spec: { ca: { secretRef: { name: 'x' } } }, status: {} }
  const made = report({ issuers: [issuer, authority] })
  assert.deepEqual(made.issuers, [
    {
      namespace: 'shop',
      name: 'letsencrypt',
      type: 'acme',
      ready: 'False',
      reason: 'AccountRefused',
      message: 'The CA wants an account of its own',
      server: 'https://ca.test/directory',
      account: 'https://ca.test/account/3',
    },
    { namespace: 'shop', name: 'letsencrypt', type: 'ca', ready: 'Unknown' },
  ])
})
