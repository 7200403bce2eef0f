/** Resources as an operator leaves them: a Strongroom by issuer, in the middle of its next order, and a client certificate. */
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { apiVersion } from '#operator/api/common.ts'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import type { Strongroom, StrongroomSpec, StrongroomStatus } from '#operator/api/strongroom.ts'
import type { OrderState } from '#shared/acme/order-state.ts'

export const nowMs = Date.parse('2026-06-01T00:00:00Z')
export const sha256 = 'ab'.repeat(32)

const lastTransitionTime = '2026-05-01T00:00:00Z'
export const order: OrderState = {
  wish: 'cd'.repeat(32),
  orderUrl: 'https://ca.test/order/7',
  status: 'pending',
  authorizations: [
    {
      url: 'https://ca.test/authz/1',
      name: 'db.example.com',
      status: 'pending',
      challenge: {
        type: 'dns-01',
        url: 'https://ca.test/chall/1',
        token: 'a-token',
        thumbprint: 'a-thumbprint',
        presented: true,
        visible: false,
        answered: false,
        cleanUps: 0,
      },
    },
    { url: 'https://ca.test/authz/2', status: 'unread' },
  ],
  finalized: false,
  withoutReplaces: false,
  attempts: 2,
  retries: 1,
  againAt: '2026-06-01T00:05:00Z',
  problem: {
    name: 'db.example.com',
    challenge: 'dns-01',
    solver: 'rfc2136',
    type: 'dns',
    detail: 'DNS problem: NXDOMAIN looking up TXT',
  },
}

const served = {
  public: { sha256, notAfter: '2026-06-30T00:00:00Z' },
  internal: { sha256: 'ee'.repeat(32), notAfter: '2026-07-30T00:00:00Z' },
}

export const ready: StrongroomStatus = {
  conditions: [
    {
      type: 'Ready',
      status: 'False',
      reason: 'OrderFailed',
      message: 'The order fails',
      lastTransitionTime,
    },
    { type: 'Stalled', status: 'False', reason: 'x', message: 'x', lastTransitionTime },
    {
      type: 'CertificatesReady',
      status: 'False',
      reason: 'OrderFailed',
      message: 'The order fails',
      lastTransitionTime,
    },
    { type: 'KeysReady', status: 'True', reason: 'KeysReady', message: 'x', lastTransitionTime },
  ],
  url: 'https://vault.shop.svc:8443',
  image: 'strongroom:1',
  masterKeys: [{ id: 'first', fingerprint: '0123456789abcdef' }],
  members: [
    {
      name: 'vault-0',
      ready: true,
      version: '0.1.0',
      serves: served,
      servesSince: '2026-05-02T00:00:00Z',
    },
  ],
  ready: '1/1',
}

export const issued = {
  issuer: 'StrongroomIssuer/letsencrypt',
  sha256,
  notAfter: '2026-06-30T00:00:00Z',
  renewAt: '2026-05-31T00:00:00Z',
  revision: 3,
}

export function cluster(
  server: NonNullable<StrongroomSpec['tls']>['server'] = { issuerRef: { name: 'letsencrypt' } },
  status: StrongroomStatus = { ...ready, order, publicCertificate: issued },
  name = 'vault',
): Strongroom {
  return {
    apiVersion,
    kind: 'Strongroom',
    metadata: { name, namespace: 'shop' },
    spec: { members: 1, storage: { size: '1Gi' }, tls: { server } },
    status,
  }
}

export const clientCertificate: StrongroomCertificate = {
  apiVersion,
  kind: 'StrongroomCertificate',
  metadata: { name: 'app', namespace: 'shop' },
  spec: { clusterRef: { name: 'vault' }, commonName: 'app', secretName: 'app-tls' },
  status: {
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Ready',
        message: 'It is there',
        lastTransitionTime,
      },
    ],
    thumbprint: 'AA'.repeat(20),
    notAfter: '2026-08-01T00:00:00Z',
    renewAt: '2026-07-01T00:00:00Z',
  },
}

export const issuer: StrongroomIssuer = {
  apiVersion,
  kind: 'StrongroomIssuer',
  metadata: { name: 'letsencrypt', namespace: 'shop' },
  spec: { acme: { server: 'https://ca.test/directory', solvers: [{ tlsAlpn01: {} }] } },
  status: {
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'AccountRefused',
        message: 'The CA wants an account of its own',
        lastTransitionTime,
      },
    ],
    account: {
      url: 'https://ca.test/account/3',
      server: 'https://ca.test/directory',
      keyThumbprint: 'thumb',
      checkedAt: '2026-05-02T00:00:00Z',
    },
  },
}
