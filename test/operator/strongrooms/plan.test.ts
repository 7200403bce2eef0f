import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { internalNames } from '#operator/api/names.ts'
import type { StrongroomStatus } from '#operator/api/strongroom.ts'
import { annotation, finalizer } from '#operator/kube/labels.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { mountedHash } from '#operator/strongrooms/mounted.ts'
import type { Member, Observed } from '#operator/strongrooms/observe.ts'
import { type Plan, plan } from '#operator/strongrooms/plan.ts'
import { keyFingerprint } from '#operator/strongrooms/stages/master-keys.ts'
import { type Issued, issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { secret, strongroom } from '#test/support/resources.ts'

const key = randomBytes(32)
const masterKey = secret('vault-master-key', { k1: key, 'active-id': 'k1' })
const known: NonNullable<StrongroomStatus['masterKeys']> = [
  { id: 'k1', fingerprint: keyFingerprint(key) },
]
const volume = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data-vault-0', namespace: 'shop', uid: 'pvc' },
  spec: { resources: { requests: { storage: '1Gi' } } },
}

/** A cluster in which everything is made and well. */
interface Complete {
  readonly secrets: ReadonlyMap<string, Secret>
  readonly internal: Issued
  readonly open: Issued
  readonly trust: string
  readonly operator: string
}

let complete: Complete

before(async () => {
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
    { ...secret(name, {}), data: tlsData(issued) },
  ]
  complete = {
    secrets: new Map([
      tls('vault-client-ca', clients),
      tls('vault-server-ca', servers),
      tls('vault-operator', operator),
      tls('vault-internal-tls', internal),
      tls('vault-server-tls', open),
    ]),
    internal,
    open,
    trust: certificatePem(servers.certificate),
    operator: certificatePem(operator.certificate),
  }
})

function seen(given: Partial<Observed> = {}): Observed {
  const map = (name: string, data: Record<string, string>) =>
    [name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }] as const
  const observed: Observed = {
    nowMs: year2026,
    operatorImage: 'strongroom:1',
    cluster: strongroom({ status: { masterKeys: known, storeId: 'store-1', storeCommit: 5 } }),
    secrets: complete.secrets,
    configMaps: new Map([
      map('vault-trust', { 'ca-bundle.crt': complete.trust }),
      map('vault-admins', { 'operator.crt': complete.operator }),
    ]),
    masterKey,
    userTls: undefined,
    volumes: [volume],
    children: [],
    members: [],
    databases: [],
    ...given,
  }
  return { ...observed, members: given.members ?? [member(observed)] }
}

function member(observed: Observed, given: Partial<Member> = {}): Member {
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
    internal: { certificate: complete.internal.certificate },
    public: { certificate: complete.open.certificate },
    ...given,
  }
}

const kinds = ({ steps }: Plan): string[] => steps.map(({ kind }) => kind)
const finding = ({ findings }: Plan, type: string) => findings.find((one) => one.type === type)

describe('plan() for a Strongroom: keys', () => {
  const fresh = (given: Partial<Observed>): Observed =>
    seen({ cluster: strongroom(), masterKey: undefined, volumes: [], ...given })

  test('makes the master key where nothing could have been sealed before', () => {
    const planned = plan(fresh({}))
    assert.deepEqual(kinds(planned), ['make-master-key'])
    assert.equal(planned.halt?.reason, 'MakingMasterKey')
  })

  test('never makes another: a known fingerprint or a volume is enough to stop', () => {
    const cases = [
      fresh({ volumes: [volume] }),
      fresh({ cluster: strongroom({ status: { masterKeys: known } }) }),
    ]
    for (const observed of cases) {
      const planned = plan(observed)
      assert.deepEqual(planned.steps, [])
      assert.deepEqual([planned.halt?.kind, planned.halt?.reason], ['stalled', 'KeyMissing'])
      assert.match(planned.halt?.message ?? '', /Restore it from your backup/)
    }
  })

  test("waits for the user's own Secret and makes none in its place", () => {
    const cluster = strongroom({
      spec: { encryption: { masterKey: { secretRef: { name: 'mine' } } } },
    })
    const planned = plan(fresh({ cluster }))
    assert.deepEqual([planned.steps.length, planned.halt?.reason], [0, 'KeyMissing'])
    assert.match(
      planned.halt?.message ?? '',
      /Secret "mine" does not exist: create it with 32 random bytes under "master.key"/,
    )
  })

  test('stops when a key is another, is gone from the Secret, or has a wrong length', () => {
    const cases: [Secret, string][] = [
      [secret('vault-master-key', { k1: randomBytes(32), 'active-id': 'k1' }), 'KeyMismatch'],
      [secret('vault-master-key', { k2: randomBytes(32), 'active-id': 'k2' }), 'KeyMissing'],
      [secret('vault-master-key', { k1: randomBytes(31), 'active-id': 'k1' }), 'KeyInvalid'],
      [secret('vault-master-key', { k1: key, 'active-id': 'k9' }), 'KeyInvalid'],
      [secret('vault-master-key', {}), 'KeyInvalid'],
    ]
    for (const [found, reason] of cases) {
      const planned = plan(seen({ masterKey: found }))
      assert.deepEqual(
        [planned.halt?.kind, planned.halt?.reason, planned.steps.length],
        ['stalled', reason, 0],
      )
    }
  })

  test('takes a single key under master.key, and publishes no more than a fingerprint', () => {
    const planned = plan(
      seen({ cluster: strongroom(), masterKey: secret('mine', { 'master.key': key }) }),
    )
    assert.deepEqual(planned.status.masterKeys, [
      { id: 'master.key', fingerprint: keyFingerprint(key) },
    ])
    assert.ok(!JSON.stringify(planned).includes(key.toString('base64')))
    assert.ok(!JSON.stringify(planned).includes(key.toString('hex')))
  })
})

describe('plan() for a Strongroom: certificates', () => {
  const without = (...gone: string[]): ReadonlyMap<string, Secret> =>
    new Map([...complete.secrets].filter(([name]) => !gone.includes(name)))
  const issued = (planned: Plan): string[] =>
    planned.steps.flatMap((step) => (step.kind === 'issue' ? [`${step.purpose} ${step.why}`] : []))

  test('makes the authorities first and nothing that depends on them', () => {
    const planned = plan(seen({ secrets: new Map() }))
    assert.deepEqual(issued(planned), ['client-authority Missing', 'server-authority Missing'])
    assert.equal(planned.halt?.kind, 'working')
    assert.equal(planned.steps.length, 2)
  })

  test('does not overwrite an authority that was damaged', () => {
    const secrets = new Map([
      ...complete.secrets,
      ['vault-client-ca', secret('vault-client-ca', { 'tls.crt': 'x', 'tls.key': 'y' })],
    ])
    const planned = plan(seen({ secrets }))
    assert.deepEqual([planned.halt?.reason, planned.steps.length], ['AuthorityDamaged', 0])
  })

  test('issues what is missing and renews at two thirds', () => {
    assert.deepEqual(issued(plan(seen({ secrets: without('vault-internal-tls') }))), [
      'internal Missing',
    ])
    const day = 24 * 60 * 60 * 1000
    assert.deepEqual(issued(plan(seen({ nowMs: year2026 + 59 * day }))), [])
    assert.deepEqual(issued(plan(seen({ nowMs: year2026 + 61 * day }))), [
      'operator Renewing',
      'internal Renewing',
      'public Renewing',
    ])
  })

  test('says when to look again: at the next renewal', () => {
    const planned = plan(seen())
    const day = 24 * 60 * 60 * 1000
    assert.equal(planned.againAtMs, year2026 - day + Math.floor((91 * day * 2) / 3))
  })

  test('issues the public certificate anew when the host changes', () => {
    const cluster = strongroom({
      spec: { exposure: { host: 'vault.example.com' } },
      status: { masterKeys: known },
    })
    assert.deepEqual(issued(plan(seen({ cluster }))), ['public NamesMissing'])
  })

  test('keeps the old authority in the bundle beside a new one', () => {
    const observed = seen({
      configMaps: new Map([
        [
          'vault-trust',
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'vault-trust' },
            data: { 'ca-bundle.crt': 'OLD\n' },
          },
        ],
      ]),
    })
    const step = plan(observed).steps.find(
      (one) => one.kind === 'publish' && one.name === 'vault-trust',
    )
    assert.equal(step?.kind === 'publish' && step.data['ca-bundle.crt'], `${complete.trust}OLD\n`)
  })
})

describe("plan() for a Strongroom: a user's certificate", () => {
  const cluster = strongroom({
    spec: { tls: { server: { secretRef: { name: 'mine' } } } },
    status: { masterKeys: known },
  })

  test('takes it over once every check passed, and only once', async () => {
    const mine = await issueServerCertificate(await authority('public'), {
      commonName: 'v',
      dnsNames: ['v.example.com'],
      ipAddresses: [],
      validity: days(90),
      keys: await makeKeyPair('p-256'),
    })
    const userTls: Secret = { ...secret('mine', {}), data: tlsData(mine) }
    const planned = plan(seen({ cluster, userTls }))
    const step = planned.steps.find(({ kind }) => kind === 'take-over')
    assert.deepEqual(step?.kind === 'take-over' && step.data, userTls.data)
    const taken = new Map([
      ...complete.secrets,
      ['vault-server-tls', { ...secret('vault-server-tls', {}), data: tlsData(mine) }],
    ])
    assert.ok(!kinds(plan(seen({ cluster, userTls, secrets: taken }))).includes('take-over'))
  })

  test('leaves what is served as it is when the Secret is missing, broken, expired or for another host, and says why', async () => {
    const signer = await authority('public')
    const leaf = async (given: {
      readonly dnsNames?: string[]
      readonly validity?: ReturnType<typeof days>
    }): Promise<Issued> =>
      issueServerCertificate(signer, {
        commonName: 'v',
        dnsNames: given.dnsNames ?? ['v.example.com'],
        ipAddresses: [],
        validity: given.validity ?? days(90),
        keys: await makeKeyPair('p-256'),
      })
    const [good, other] = [await leaf({}), await leaf({})]
    const mixed = { ...tlsData(good), 'tls.key': tlsData(other)['tls.key'] ?? '' }
    const exposed = strongroom({
      spec: { ...cluster.spec, exposure: { host: 'vault.example.com' } },
      status: { masterKeys: known },
    })
    const day = 24 * 60 * 60 * 1000
    const cases: [Observed['cluster'], Secret | undefined, string][] = [
      [cluster, undefined, 'SecretNotFound'],
      [cluster, secret('mine', { 'tls.crt': 'nonsense', 'tls.key': 'nonsense' }), 'SecretInvalid'],
      [cluster, { ...secret('mine', {}), data: mixed }, 'KeyMismatch'],
      [
        cluster,
        {
          ...secret('mine', {}),
          data: tlsData(
            await leaf({ validity: { notBefore: year2026 - 9 * day, notAfter: year2026 - day } }),
          ),
        },
        'CertificateExpired',
      ],
      [
        cluster,
        {
          ...secret('mine', {}),
          data: tlsData(
            await leaf({ validity: { notBefore: year2026 + day, notAfter: year2026 + 9 * day } }),
          ),
        },
        'CertificateNotYetValid',
      ],
      [cluster, { ...secret('mine', {}), data: tlsData(await client(signer)) }, 'WrongUsage'],
      [exposed, { ...secret('mine', {}), data: tlsData(good) }, 'NameNotCovered'],
    ]
    for (const [resource, userTls, reason] of cases) {
      const planned = plan(seen({ cluster: resource, userTls }))
      assert.deepEqual(
        [
          finding(planned, 'CertificatesReady')?.status,
          finding(planned, 'CertificatesReady')?.reason,
        ],
        ['False', reason],
      )
      assert.ok(!kinds(planned).includes('take-over') && !kinds(planned).includes('issue'), reason)
    }
  })

  test('accepts a wildcard for exactly one label', async () => {
    const wild = await issueServerCertificate(await authority('public'), {
      commonName: 'v',
      dnsNames: ['*.example.com'],
      ipAddresses: [],
      validity: days(90),
      keys: await makeKeyPair('p-256'),
    })
    const userTls: Secret = { ...secret('mine', {}), data: tlsData(wild) }
    for (const [host, expected] of [
      ['vault.example.com', true],
      ['a.vault.example.com', false],
      ['example.com', false],
    ] as const) {
      const exposed = strongroom({
        spec: { ...cluster.spec, exposure: { host } },
        status: { masterKeys: known },
      })
      assert.equal(
        kinds(plan(seen({ cluster: exposed, userTls }))).includes('take-over'),
        expected,
        host,
      )
    }
  })
})

describe('plan() for a Strongroom: members and store', () => {
  test('is through when everything is there', () => {
    const planned = plan(seen())
    assert.deepEqual(kinds(planned), ['apply'])
    assert.equal(planned.halt, undefined)
    assert.deepEqual(
      planned.findings.map(({ type, status }) => `${type} ${status}`),
      [
        'KeysReady True',
        'CertificatesReady True',
        'MembersHealthy True',
        'CertificatesServed True',
        'StoreTrusted True',
      ],
    )
    assert.deepEqual(
      [planned.status.storeId, planned.status.storeCommit, planned.status.ready],
      ['store-1', 5, '1/1'],
    )
  })

  test('keeps the image that the cluster was made with when the operator is a newer one', () => {
    const image = (cluster: Observed['cluster']): unknown =>
      plan(seen({ cluster, operatorImage: 'strongroom:2' })).status.image
    assert.equal(image(strongroom({ status: { masterKeys: known } })), 'strongroom:2')
    assert.equal(
      image(strongroom({ status: { masterKeys: known, image: 'strongroom:1' } })),
      'strongroom:1',
    )
    assert.equal(
      image(
        strongroom({
          spec: { image: 'mine:3' },
          status: { masterKeys: known, image: 'strongroom:1' },
        }),
      ),
      'mine:3',
    )
  })

  test("waits for a member and passes on the pod's own words", () => {
    const observed = seen()
    const crashed = member(observed, {
      state: undefined,
      pod: {
        ...member(observed).pod,
        status: {
          phase: 'Running',
          conditions: [],
          containerStatuses: [
            {
              name: 'server',
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
              lastState: {
                terminated: {
                  exitCode: 1,
                  message: 'noise\nMasterKeyWrong: the key opens nothing\n',
                },
              },
            },
          ],
        },
      },
    })
    const planned = plan(seen({ members: [crashed] }))
    assert.equal(planned.halt?.reason, 'AwaitingMembers')
    assert.match(
      planned.halt?.message ?? '',
      /vault-0: CrashLoopBackOff: MasterKeyWrong: the key opens nothing/,
    )
  })

  test('nudges a pod whose mounted Secrets changed', () => {
    const observed = seen()
    const stale = {
      ...member(observed).pod,
      metadata: { ...member(observed).pod.metadata, annotations: { [annotation.nudge]: 'old' } },
    }
    const planned = plan(seen({ members: [member(observed, { pod: stale })] }))
    assert.deepEqual(kinds(planned), ['apply', 'nudge'])
  })

  test('says which member does not serve the certificate that it should', () => {
    const observed = seen()
    const planned = plan(
      seen({
        members: [
          member(observed, { public: { failure: 'unable to verify the first certificate' } }),
        ],
      }),
    )
    assert.deepEqual(
      [finding(planned, 'CertificatesServed')?.reason, planned.halt],
      ['NotServedYet', undefined],
    )
    assert.match(
      finding(planned, 'CertificatesServed')?.message ?? '',
      /vault-0 does not serve the public certificate .* unable to verify/,
    )
  })

  test('stops at another store or an older copy, and goes on where that very one was accepted', () => {
    const with_ = (StoreId: string, StoreCommit: number, accepted?: string): Plan => {
      const observed = seen()
      const base = member(observed)
      const cluster = strongroom({
        ...(accepted === undefined
          ? {}
          : { metadata: { annotations: { [annotation.acceptDataLoss]: accepted } } }),
        status: { masterKeys: known, storeId: 'store-1', storeCommit: 5 },
      })
      return plan(
        seen({
          cluster,
          members: [
            {
              ...base,
              state: base.state === undefined ? undefined : { ...base.state, StoreId, StoreCommit },
            },
          ],
        }),
      )
    }
    assert.equal(with_('store-2', 1).halt?.reason, 'DataLost')
    assert.equal(with_('store-2', 1, 'store-3').halt?.reason, 'DataLost')
    assert.equal(with_('store-2', 1, 'store-2').status.storeId, 'store-2')
    assert.equal(with_('store-1', 4).halt?.reason, 'StoreRolledBack')
    assert.equal(with_('store-1', 4, 'store-1@4').status.storeCommit, 4)
    assert.equal(with_('store-1', 6).status.storeCommit, 6)
  })

  test('asks for more storage where the size grew', () => {
    const cluster = strongroom({
      spec: { storage: { size: '2Gi' } },
      status: { masterKeys: known },
    })
    assert.deepEqual(
      plan(seen({ cluster })).steps.filter(({ kind }) => kind === 'grow-volume'),
      [{ kind: 'grow-volume', name: 'data-vault-0', size: '2Gi' }],
    )
  })
})

describe('plan() for a Strongroom: end', () => {
  const going = (deletionPolicy: 'Retain' | 'Delete') =>
    strongroom({
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [finalizer] },
      spec: { deletionPolicy },
    })
  const child = {
    kind: { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets', namespaced: true },
    object: { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'vault' } },
  }

  test('keeps volumes with Retain and never touches a key', () => {
    assert.deepEqual(kinds(plan(seen({ cluster: going('Retain'), children: [child] }))), [
      'remove-finalizer',
    ])
  })

  test('deletes servers, then volumes, then lets go, with Delete', () => {
    assert.deepEqual(kinds(plan(seen({ cluster: going('Delete'), children: [child] }))), [
      'delete-children',
    ])
    assert.deepEqual(kinds(plan(seen({ cluster: going('Delete') }))), ['delete-volume'])
    assert.deepEqual(kinds(plan(seen({ cluster: going('Delete'), volumes: [] }))), [
      'remove-finalizer',
    ])
  })

  test('holds on only where there is something to undo', () => {
    assert.ok(
      kinds(
        plan(
          seen({
            cluster: strongroom({
              spec: { deletionPolicy: 'Delete' },
              status: { masterKeys: known },
            }),
          }),
        ),
      ).includes('add-finalizer'),
    )
    const released = strongroom({
      metadata: { finalizers: [finalizer] },
      status: { masterKeys: known },
    })
    assert.ok(kinds(plan(seen({ cluster: released }))).includes('remove-finalizer'))
  })

  test('does nothing at all while it is suspended', () => {
    const planned = plan(
      seen({ cluster: strongroom({ spec: { suspend: true } }), masterKey: undefined }),
    )
    assert.deepEqual([planned.steps.length, planned.halt?.reason], [0, 'Suspended'])
  })
})
