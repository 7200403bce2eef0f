import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { clientCertificate } from '#operator/cert-manager/desired.ts'
import {
  type Arriving,
  arrivedMaterial,
  hindranceOf,
  isNewerThere,
  issuerOf,
} from '#operator/certificates/arrival.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { answered, ready } from '#test/support/cert-manager.ts'
import { authority, client, days, server, year2026 } from '#test/support/certificates.ts'
import { certificate, secret } from '#test/support/resources.ts'

const issuerRef = { group: 'cert-manager.io', kind: 'Issuer', name: 'ca' }
const resource = certificate({
  spec: { issuerRef: { group: 'cert-manager.io', name: 'ca' }, privateKey: { algorithm: 'ECDSA' } },
})
const asked = clientCertificate(resource, issuerRef)

let signer: Issued
let first: Issued
let second: Issued
before(async () => {
  signer = await authority('theirs')
  first = await client(signer)
  second = await client(signer)
})

function held(issued: Issued): Secret {
  return { ...secret('shop-cert-manager-client', {}), data: tlsData(issued) }
}

function seen(
  given: Partial<Arriving> & { readonly arrived?: Issued; readonly used?: Issued } = {},
): Arriving {
  const { arrived, used, ...rest } = given
  return {
    nowMs: year2026,
    resource,
    certManager: { isPresent: true, certificate: answered(asked, ready()), requests: [] },
    issued: arrived === undefined ? undefined : held(arrived),
    current: tlsMaterial(used === undefined ? undefined : held(used), 'shop-tls'),
    ...rest,
  }
}

test('issuerOf() is the issuer of cert-manager, with its kind, and nothing where another signs', () => {
  assert.deepEqual(issuerOf({ resource }), issuerRef)
  assert.equal(issuerOf({ resource: certificate() }), undefined)
  const ours = certificate({ spec: { issuerRef: { group: 'strongroom.dev', name: 'ca' } } })
  assert.equal(issuerOf({ resource: ours }), undefined)
})

test('arrivedMaterial() is what cert-manager gave, once its Certificate is Ready', () => {
  const found = arrivedMaterial(seen({ arrived: first }))
  assert.ok(found.kind === 'usable' && found.certificate.sha256 === first.certificate.sha256)
  const certManager = {
    isPresent: true,
    certificate: answered(asked, ready('False')),
    requests: [],
  }
  assert.equal(arrivedMaterial(seen({ arrived: first, certManager })).kind, 'unusable')
})

test('arrivedMaterial() waits while no more earlier certificates can be remembered, but not with the one in use', () => {
  const superseded = Array.from({ length: 8 }, (_, index) => ({
    thumbprint: `T${index}`,
    notAfter: '2027-01-01T00:00:00Z',
  }))
  const full = certificate({ spec: resource.spec, status: { superseded } })
  assert.equal(
    arrivedMaterial(seen({ resource: full, arrived: second, used: first })).kind,
    'unusable',
  )
  assert.equal(
    arrivedMaterial(seen({ resource: full, arrived: first, used: first })).kind,
    'usable',
  )
})

test('isNewerThere() is true for another certificate than the one in use, if it may be used', () => {
  assert.ok(isNewerThere(seen({ arrived: first })))
  assert.ok(isNewerThere(seen({ arrived: second, used: first })))
  assert.ok(!isNewerThere(seen({ arrived: first, used: first })))
  assert.ok(!isNewerThere(seen({ used: first })))
})

test('hindranceOf() says what is wrong with what arrived', async () => {
  const rsa = certificate({ spec: { issuerRef: { group: 'cert-manager.io', name: 'ca' } } })
  const cases: [string, Partial<Arriving> & { readonly arrived?: Issued }][] = [
    ['SecretNotFound', {}],
    ['SecretInvalid', { issued: secret('shop-cert-manager-client', { 'tls.crt': 'x' }) }],
    ['CertificateExpired', { arrived: await client(signer, { validity: days(-0.5) }) }],
    ['WrongUsage', { arrived: await server(signer) }],
    ['NameDiffers', { arrived: await client(signer, { commonName: 'other' }) }],
    ['KeyDiffers', { arrived: first, resource: rsa }],
  ]
  for (const [reason, given] of cases) assert.equal(hindranceOf(seen(given))?.reason, reason)
  assert.equal(hindranceOf(seen({ arrived: first })), undefined)
})

test("hindranceOf() gives cert-manager's own trouble first", () => {
  const certManager = { isPresent: false, certificate: undefined, requests: [] }
  const found = hindranceOf(seen({ certManager, arrived: first }))
  assert.deepEqual([found?.kind, found?.reason], ['stalled', 'CertManagerMissing'])
})
