/** A Strongroom as the operator sees it, with everything made and well; a test takes away or changes what it is about. */
import { randomBytes } from 'node:crypto'
import { internalNames } from '#operator/api/names.ts'
import type { StrongroomStatus } from '#operator/api/strongroom.ts'
import type { Finding } from '#operator/kube/conditions.ts'
import { annotation, clusterLabels } from '#operator/kube/labels.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { mountedHash } from '#operator/strongrooms/mounted.ts'
import type { Member, Observed } from '#operator/strongrooms/observe.ts'
import type { Plan } from '#operator/strongrooms/plan.ts'
import { keyFingerprint } from '#operator/strongrooms/stages/master-keys.ts'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { secret, strongroom } from '#test/support/resources.ts'

export const masterKeyBytes = randomBytes(32)
export const knownKeys: NonNullable<StrongroomStatus['masterKeys']> = [
  { id: 'k1', fingerprint: keyFingerprint(masterKeyBytes) },
]
/** Of the Strongroom that a world is about. */
export const vaultUid = '6b1f3a52-8f0e-4a53-9c58-2b1f7d0c9e11'
const marks = { [annotation.source]: 'Strongroom/vault', [annotation.ownerUid]: vaultUid }

export const volume = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: {
    name: 'data-vault-0',
    namespace: 'shop',
    uid: 'pvc',
    labels: clusterLabels('vault', 'server'),
    annotations: marks,
  },
  spec: { resources: { requests: { storage: '1Gi' } } },
}

export interface World {
  /** Every Secret of the cluster by name. */
  readonly secrets: ReadonlyMap<string, Secret>
  readonly internal: Issued
  readonly open: Issued
  /** PEM of the server authority. */
  readonly trust: string
  /** What is seen, but for what the test gives. */
  readonly seen: (given?: Partial<Observed>) => Observed
  readonly member: (observed: Observed, given?: Partial<Member>) => Member
}

/** A Secret of the cluster, with the marks of its Strongroom. */
function made(name: string, data: Readonly<Record<string, string>> = {}): Secret {
  const labels = clusterLabels('vault', 'trust')
  return { ...secret(name, data, { labels, annotations: marks }), type: 'Opaque' }
}

export async function strongroomWorld(): Promise<World> {
  const [clients, servers] = [await authority('clients'), await authority('servers')]
  const leaf = async (
    dnsNames: readonly string[],
    ipAddresses: readonly string[],
  ): Promise<Issued> =>
    issueServerCertificate(servers, {
      commonName: 'vault',
      dnsNames,
      ipAddresses,
      validity: days(90),
      keys: await makeKeyPair('p-256'),
    })
  const internal = await leaf(internalNames('vault', 'shop'), ['127.0.0.1'])
  const open = await leaf(['vault.shop.strongroom.internal'], [])
  const operator = await client(clients, { validity: days(90) })
  const tls = (name: string, issued: Issued): [string, Secret] => [
    name,
    { ...made(name), type: 'kubernetes.io/tls', data: tlsData(issued) },
  ]
  const secrets = new Map([
    tls('vault-client-ca', clients),
    tls('vault-server-ca', servers),
    tls('vault-operator', operator),
    tls('vault-internal-tls', internal),
    tls('vault-server-tls', open),
  ])
  const trust = certificatePem(servers.certificate)
  const { metadata } = made('vault-trust')
  const data = { 'ca-bundle.crt': trust }
  const configMaps = new Map([
    ['vault-trust', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }],
  ])
  const kept = { ...metadata.annotations, [annotation.published]: metadata.uid ?? '' }
  const bundle = { ...metadata, annotations: kept }
  secrets.set('vault-trust', { ...made('vault-trust', data), metadata: bundle })
  const admins = { 'operator.crt': certificatePem(operator.certificate) }
  secrets.set('vault-admins', made('vault-admins', admins))
  const member = (observed: Observed, given: Partial<Member> = {}): Member => ({
    ...healthyMember(observed, { internal, open }),
    ...given,
  })
  const seen = (given: Partial<Observed> = {}): Observed => {
    const observed: Observed = {
      nowMs: year2026,
      operatorImage: 'strongroom:1',
      cluster: strongroom({
        status: { masterKeys: knownKeys, storeId: 'store-1', storeCommit: 5 },
      }),
      secrets,
      configMaps,
      masterKey: secret(
        'vault-master-key',
        { k1: masterKeyBytes, 'active-id': 'k1' },
        { labels: clusterLabels('vault', 'trust'), annotations: marks },
      ),
      userTls: undefined,
      secretRefused: undefined,
      allowedImages: [],
      certManager: { isPresent: false, certificate: undefined, requests: [] },
      volumes: [volume],
      podRefusal: undefined,
      children: [],
      members: [],
      databases: [],
      verdicts: new Verdicts(),
      ...given,
    }
    return { ...observed, members: given.members ?? [member(observed)] }
  }
  return { secrets, internal, open, trust, seen, member }
}

function healthyMember(
  observed: Observed,
  { internal, open }: Pick<World, 'internal' | 'open'>,
): Member {
  return {
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'vault-0',
        namespace: 'shop',
        annotations: { [annotation.nudge]: mountedHash(observed) },
      },
      status: {
        podIP: '198.18.65.2',
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    },
    state: {
      StoreId: 'store-1',
      StoreCommit: 5,
      Version: '0.1.0',
      MasterKeyIds: ['k1'],
      Databases: [],
      Serves: { Internal: null, Public: null },
    },
    unreachable: undefined,
    internal: { certificate: internal.certificate },
    public: { certificate: open.certificate },
  }
}

export function kindsOf({ steps }: Plan): string[] {
  return steps.map(({ kind }) => kind)
}

export function findingOf({ findings }: Plan, type: string): Finding | undefined {
  return findings.find((one) => one.type === type)
}
