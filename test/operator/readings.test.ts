import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { apiVersion } from '#operator/api/common.ts'
import type { Strongroom, StrongroomStatus } from '#operator/api/strongroom.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { certificateReadings } from '#operator/readings.ts'
import type { OrderState } from '#shared/acme/order-state.ts'

const soon = '2026-06-01T00:00:00.000Z'
const later = '2026-07-01T00:00:00.000Z'

function cluster(status?: StrongroomStatus): Strongroom {
  return {
    apiVersion,
    kind: 'Strongroom',
    metadata: { name: 'vault', namespace: 'shop' },
    spec: { members: 1, storage: { size: '1Gi' } },
    ...(status === undefined ? {} : { status }),
  }
}

function certificate(status: StrongroomCertificate['status']): StrongroomCertificate {
  return {
    apiVersion,
    kind: 'StrongroomCertificate',
    metadata: { name: 'app', namespace: 'shop' },
    spec: { clusterRef: { name: 'vault' }, commonName: 'app', secretName: 'app-tls' },
    ...(status === undefined ? {} : { status }),
  }
}

const serving = (name: string, sha256?: string, notAfter = later) => ({
  name,
  ready: true,
  ...(sha256 === undefined ? {} : { serves: { public: { sha256, notAfter } } }),
})

const readingsOf = (...objects: readonly KubeObject[]) =>
  certificateReadings({
    list: <T>({ kind }: Kind) => objects.filter((one) => one.kind === kind) as unknown as T[],
  })

test('certificateReadings() takes the end and the renewal of a client certificate from its status', () => {
  const { certificates } = readingsOf(certificate({ notAfter: later, renewAt: soon }))
  assert.deepEqual(certificates, [
    {
      kind: 'StrongroomCertificate',
      namespace: 'shop',
      name: 'app',
      notAfterMs: Date.parse(later),
      renewAtMs: Date.parse(soon),
    },
  ])
})

test('certificateReadings() says nothing of what is not known yet', () => {
  const { certificates, rateLimits } = readingsOf(cluster(), certificate(undefined))
  assert.deepEqual(certificates, [
    { kind: 'Strongroom', namespace: 'shop', name: 'vault' },
    { kind: 'StrongroomCertificate', namespace: 'shop', name: 'app' },
  ])
  assert.deepEqual(rateLimits, [])
})

test('certificateReadings() takes the earliest end that a member serves', () => {
  const members = [serving('vault-0', 'aa'), serving('vault-1', 'aa', soon)]
  const [reading] = readingsOf(cluster({ members })).certificates
  assert.equal(reading?.notAfterMs, Date.parse(soon))
  assert.equal(reading?.isMismatched, false)
})

test('certificateReadings() sees members that serve different certificates, and one that serves none', () => {
  for (const second of ['bb', undefined]) {
    const members = [serving('vault-0', 'aa'), serving('vault-1', second)]
    assert.equal(readingsOf(cluster({ members })).certificates[0]?.isMismatched, true)
  }
})

test('certificateReadings() knows of an issued certificate its end, its renewal, and who does not serve it yet', () => {
  const publicCertificate = {
    issuer: 'StrongroomIssuer/letsencrypt',
    sha256: 'bb',
    notAfter: later,
    renewAt: soon,
    revision: 2,
  }
  const readingOf = (...members: readonly ReturnType<typeof serving>[]) =>
    readingsOf(cluster({ publicCertificate, members: [...members] })).certificates[0]
  const early = readingOf(serving('vault-0', 'aa', soon), serving('vault-1', 'aa', soon))
  assert.equal(early?.notAfterMs, Date.parse(later))
  assert.equal(early?.renewAtMs, Date.parse(soon))
  assert.equal(early?.isMismatched, true, 'both agree, on an earlier one')
  assert.equal(readingOf(serving('vault-0', 'bb'))?.isMismatched, false)
  assert.equal(readingOf(serving('vault-0'))?.isMismatched, true)
})

test('certificateReadings() says until when a CA wants to be left alone', () => {
  const order = (type: string): OrderState => ({
    wish: 'w',
    authorizations: [],
    finalized: false,
    withoutReplaces: false,
    attempts: 0,
    retries: 1,
    againAt: soon,
    problem: { type, detail: 'too many new orders recently' },
  })
  const ordering = (type: string) => ({
    ...cluster({ order: order(type) }),
    spec: {
      ...cluster().spec,
      tls: { server: { issuerRef: { name: 'letsencrypt' } } },
    },
  })
  assert.deepEqual(readingsOf(ordering('rateLimited')).rateLimits, [
    { namespace: 'shop', issuer: 'letsencrypt', untilMs: Date.parse(soon) },
  ])
  assert.deepEqual(readingsOf(ordering('malformed')).rateLimits, [])
})
