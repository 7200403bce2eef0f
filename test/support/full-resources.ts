/** Resources that, together, have every field of their kind: where hostile values are put. */
import type { KubeObject } from '#operator/kube/kube.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority } from './certificates.ts'
import { certificate, database, issuer, permission, strongroom } from './resources.ts'

type Full = KubeObject & { readonly spec: unknown }

const keyRef = { name: 'keys', key: 'key' }
const pem = certificatePem((await authority('CA')).certificate)

const pod = {
  resources: { requests: { cpu: '100m' }, limits: { memory: '1Gi' } },
  nodeSelector: { 'example.com/disk': 'fast' },
  tolerations: [
    { key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute', tolerationSeconds: 5 },
  ],
  priorityClassName: 'high',
} as const

const clusters = [{ selfSigned: {} }, { secretRef: { name: 'tls' } }, { issuerRef: ours() }].map(
  (server) =>
    strongroom({
      spec: {
        image: 'strongroom:1',
        storage: { size: '1Gi', className: 'fast' },
        tls: { server, dnsNames: ['a.example.com'] },
        exposure: { host: 'db.example.com' },
        encryption: { masterKey: { secretRef: { name: 'mine' } }, required: true },
        pod: { ...pod, tolerations: [...pod.tolerations] },
        suspend: false,
      },
    }),
)

const solvers: readonly object[] = [
  { selector: { dnsNames: ['a.example.com'], dnsZones: ['example.com'] }, tlsAlpn01: {} },
  {
    http01: {
      ingress: { className: 'nginx', annotations: { 'example.com/a': 'b' } },
      ...{ serviceType: 'ClusterIP', check: 'Fetch' },
    },
  },
  {
    http01: {
      gatewayHTTPRoute: {
        parentRefs: [{ name: 'gateway', namespace: 'shop', sectionName: 'http', port: 80 }],
      },
    },
  },
  ...[
    {
      rfc2136: {
        ...{ server: 'ns1.example:53', zone: 'example.com', keyName: 'update' },
        ...{ algorithm: 'hmac-sha256', keySecretRef: keyRef },
      },
    },
    { acmeDns: { server: 'https://dns.example/', caBundle: pem, accountSecretRef: keyRef } },
    { cloudflare: { apiTokenSecretRef: keyRef, zoneId: 'a'.repeat(32) } },
    {
      route53: {
        ...{ region: 'eu-central-1', hostedZoneId: 'Z1' },
        ...{ accessKeyIdSecretRef: keyRef, secretAccessKeySecretRef: keyRef },
      },
    },
    {
      webhook: {
        ...{ url: 'https://hook.example/', caBundle: pem },
        ...{ authentication: 'Hmac', tokenSecretRef: keyRef },
      },
    },
  ].map((provider) => ({
    dns01: {
      ...{ cnameStrategy: 'None', check: { mode: 'Recursive', nameservers: ['10.0.0.1'] } },
      ...provider,
    },
  })),
]

const issuers = [
  ...solvers.map((solver) =>
    issuer({
      acme: {
        profile: 'shortlived',
        preferredChain: 'Root X1',
        accountKeySecretRef: { name: 'account' },
        externalAccountBinding: { keyId: 'kid', keySecretRef: keyRef },
        caBundle: pem,
        keyType: 'ECDSA',
        solvers: [solver],
      } as never,
    }),
  ),
  issuer({ spec: { ca: { secretRef: { name: 'ca' } } } }),
]

const certificates = [
  certificate({
    spec: {
      issuerRef: ours(),
      secretTemplate: { labels: { team: 'a' }, annotations: { note: 'b' } },
      privateKey: { algorithm: 'ECDSA' },
      keystore: { passwordSecretRef: keyRef },
    },
  }),
]

const permissions = [
  { certificateRef: { name: 'shop' } },
  { secretRef: { name: 'theirs' } },
  { thumbprint: 'A'.repeat(40) },
  { publicKeyPin: `${'A'.repeat(43)}=` },
].map((subject) => permission({ spec: { subject, notAfter: '2040-01-01T00:00:00Z' } }))

/** By kind. */
export const fullResources: Readonly<Record<string, readonly Full[]>> = {
  Strongroom: clusters,
  StrongroomDatabase: [database({ spec: { name: 'orders' } }), database()],
  StrongroomCertificate: certificates,
  StrongroomPermission: permissions,
  StrongroomIssuer: issuers,
}

function ours() {
  return { group: 'strongroom.dev', kind: 'StrongroomIssuer', name: 'le' } as const
}
