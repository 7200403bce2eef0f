/** Objects of the cluster for tests: each takes what a case is about and fills in the rest. */
import { randomUUID } from 'node:crypto'
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { apiVersion } from '#operator/api/common.ts'
import type { StrongroomDatabase } from '#operator/api/database.ts'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import type { StrongroomPermission, StrongroomPermissionSpec } from '#operator/api/permission.ts'
import type { Strongroom, StrongroomSpec } from '#operator/api/strongroom.ts'
import type { Metadata } from '#operator/kube/kube.ts'
import type { Secret } from '#operator/kube/secret.ts'

type Given<T> = { readonly metadata?: Partial<Metadata>; readonly spec?: Partial<T> }

function metadata(name: string, given: Partial<Metadata> = {}): Metadata {
  return {
    name,
    namespace: 'shop',
    uid: randomUUID(),
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    resourceVersion: '1',
    ...given,
  }
}

export function strongroom(
  given: Given<StrongroomSpec> & { readonly status?: Strongroom['status'] } = {},
): Strongroom {
  return {
    apiVersion,
    kind: 'Strongroom',
    metadata: metadata('vault', { uid: '6b1f3a52-8f0e-4a53-9c58-2b1f7d0c9e11', ...given.metadata }),
    spec: {
      members: 1,
      storage: { size: '1Gi' },
      tls: { server: { selfSigned: {} } },
      deletionPolicy: 'Retain',
      ...given.spec,
    },
    ...(given.status === undefined ? {} : { status: given.status }),
  }
}

export function database(
  given: Given<StrongroomDatabase['spec']> & {
    readonly status?: StrongroomDatabase['status']
  } = {},
): StrongroomDatabase {
  return {
    apiVersion,
    kind: 'StrongroomDatabase',
    metadata: metadata('orders', given.metadata),
    spec: {
      clusterRef: { name: 'vault' },
      encrypted: true,
      reclaimPolicy: 'Retain',
      driftPolicy: 'Enforce',
      ...given.spec,
    },
    ...(given.status === undefined ? {} : { status: given.status }),
  }
}

export function certificate(
  given: Given<StrongroomCertificate['spec']> & {
    readonly status?: StrongroomCertificate['status']
  } = {},
): StrongroomCertificate {
  return {
    apiVersion,
    kind: 'StrongroomCertificate',
    metadata: metadata('shop', given.metadata),
    spec: {
      clusterRef: { name: 'vault' },
      commonName: 'shop',
      secretName: 'shop-tls',
      duration: '2160h',
      ...given.spec,
    },
    ...(given.status === undefined ? {} : { status: given.status }),
  }
}

export function permission(
  given: Given<StrongroomPermissionSpec> & {
    readonly status?: StrongroomPermission['status']
  } = {},
): StrongroomPermission {
  return {
    apiVersion,
    kind: 'StrongroomPermission',
    metadata: metadata('shop-orders', given.metadata),
    spec: {
      clusterRef: { name: 'vault' },
      subject: { certificateRef: { name: 'shop' } },
      clearance: 'ValidUser',
      databases: [{ name: 'orders', access: 'ReadWrite' }],
      driftPolicy: 'Enforce',
      ...given.spec,
    },
    ...(given.status === undefined ? {} : { status: given.status }),
  }
}

/** An `acme` issuer, unless `spec` says otherwise. */
export function issuer(
  given: {
    readonly metadata?: Partial<Metadata>
    readonly acme?: Partial<StrongroomIssuer['spec']['acme']>
    readonly spec?: StrongroomIssuer['spec']
    readonly status?: StrongroomIssuer['status']
  } = {},
): StrongroomIssuer {
  const server = 'https://ca.example/directory'
  const acme = { server, email: 'ops@example.com', solvers: [{ tlsAlpn01: {} }], ...given.acme }
  return {
    apiVersion,
    kind: 'StrongroomIssuer',
    metadata: metadata('public', given.metadata),
    spec: given.spec ?? { acme },
    ...(given.status === undefined ? {} : { status: given.status }),
  }
}

/** An issuer that signs with what is in the Secret `private-ca`. */
export function caIssuer(metadata: Partial<Metadata> = { name: 'private' }): StrongroomIssuer {
  return issuer({ metadata, spec: { ca: { secretRef: { name: 'private-ca' } } } })
}

export function secret(
  name: string,
  data: Readonly<Record<string, Uint8Array | string>>,
  given: Partial<Metadata> = {},
): Secret {
  const encoded = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(value as Uint8Array).toString('base64'),
  ])
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(name, given),
    data: Object.fromEntries(encoded),
  }
}

/** A cluster whose store is trusted: what the other kinds wait for. */
export function readyStrongroom(): Strongroom {
  const time = '2026-01-01T00:00:00Z'
  return strongroom({
    status: {
      storeId: 'store-1',
      conditions: [
        {
          type: 'StoreTrusted',
          status: 'True',
          reason: 'SameStore',
          message: '',
          lastTransitionTime: time,
        },
      ],
    },
  })
}
