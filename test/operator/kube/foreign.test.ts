import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clientCertificate, serverCertificate } from '#operator/cert-manager/desired.ts'
import { http01Objects } from '#operator/challenges/http01-objects.ts'
import { applyChildren } from '#operator/kube/apply.ts'
import { foreignTo } from '#operator/kube/foreign.ts'
import { services } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { serviceAccount } from '#operator/strongrooms/desired/service-account.ts'
import { clusterService, headlessService } from '#operator/strongrooms/desired/services.ts'
import { statefulSet } from '#operator/strongrooms/desired/statefulset.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { certificate, secret, strongroom } from '#test/support/resources.ts'
import { ofVault } from '#test/support/synced-cache.ts'

const cluster = strongroom({
  spec: {
    exposure: { host: 'vault.example.com' },
    pod: { resources: { requests: { cpu: '1' } }, tolerations: [{ key: 'a', operator: 'Exists' }] },
  },
})
const issuerRef = { group: 'cert-manager.io', kind: 'Issuer', name: 'ca' }
const way = { name: 'vault.example.com', addresses: ['192.0.2.1'], challengePort: 8089 }
/** One of each kind that is made. */
const desired: readonly KubeObject[] = [
  serviceAccount(cluster),
  clusterService(cluster),
  headlessService(cluster),
  statefulSet(cluster, 'strongroom:1'),
  serverCertificate(cluster, { issuerRef, dnsNames: ['vault.example.com'] }),
  clientCertificate(certificate(), issuerRef),
  ...http01Objects(cluster, { ...way, settings: { ingress: { className: 'nginx' } } }).map(
    ({ object }) => object,
  ),
  ...http01Objects(cluster, {
    ...way,
    settings: { gatewayHTTPRoute: { parentRefs: [{ name: 'g' }] } },
  })
    .map(({ object }) => object)
    .filter(({ kind }) => kind === 'HTTPRoute'),
  ofVault(secret('vault-internal-tls', { 'tls.crt': 'x' })),
  ofVault<KubeObject>({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'vault-trust', namespace: 'shop' },
    ...{ data: { 'ca-bundle.crt': 'CA' } },
  }),
]

type Path = readonly (string | number)[]

/** Each map and list of the object, outside of labels and annotations. */
function places(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.entries(value).flatMap(([key, each]) =>
    ['labels', 'annotations', ...(path.length === 0 ? ['metadata', 'status'] : [])].includes(key)
      ? []
      : places(each, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return [path, ...inner]
}

/** A copy with something of somebody else there. */
function withForeign(object: KubeObject, path: Path): KubeObject {
  const copy = structuredClone(object)
  let at: unknown = copy
  for (const key of path) at = (at as Record<string | number, unknown>)[key]
  if (Array.isArray(at)) at.push({ name: 'theirs' })
  else Object.assign(at as object, { theirs: { x: 'y' } })
  return copy
}

/** JSON merge patch (RFC 7396). */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Record<string, unknown> = { ...(target as object) }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merged(result[key], value)
  }
  return result
}

describe('foreignTo() takes away what others put into', () => {
  for (const object of desired)
    test(`any map or list of a ${object.kind} (${object.metadata.name})`, () => {
      assert.equal(foreignTo(object, object), undefined)
      const all = places(object)
      assert.ok(all.length > 0)
      for (const path of all) {
        const changed = withForeign(object, path)
        const found = foreignTo(changed, object) ?? assert.fail(`not seen: ${path.join('.')}`)
        assert.deepEqual(merged(changed, found.patch), object, path.join('.'))
      }
    })

  test('the owners of any object: whoever is named there can have it collected', () => {
    const theirs = { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'x' }
    for (const object of desired) {
      const { ownerReferences = [] } = object.metadata
      const metadata = { ...object.metadata, ownerReferences: [...ownerReferences, theirs] }
      const found = foreignTo({ ...object, metadata }, object)
      assert.deepEqual(found?.paths, ['metadata.ownerReferences'])
      assert.deepEqual(found?.patch, { metadata: { ownerReferences } })
    }
  })

  const named: readonly [what: string, kind: string, change: object][] = [
    ['a selector', 'Service', { spec: { selector: { app: 'theirs' } } }],
    ['an external address', 'Service', { spec: { externalIPs: ['192.0.2.9'] } }],
    ['an external name', 'Service', { spec: { externalName: 'evil.example' } }],
    ['another traffic policy', 'Service', { spec: { sessionAffinity: 'ClientIP' } }],
    ['the host’s network', 'StatefulSet', { spec: { template: { spec: { hostNetwork: true } } } }],
    [
      'aliases of hosts',
      'StatefulSet',
      { spec: { template: { spec: { hostAliases: [{ ip: '192.0.2.9' }] } } } },
    ],
    [
      'a container before ours',
      'StatefulSet',
      { spec: { template: { spec: { initContainers: [{ name: 'x' }] } } } },
    ],
    ['other resolvers', 'StatefulSet', { spec: { template: { spec: { dnsPolicy: 'None' } } } }],
  ]
  for (const [what, kind, change] of named)
    test(`${kind}: ${what}`, () => {
      const object = desired.find((one) => one.kind === kind) ?? assert.fail()
      const changed = merged(object, change) as KubeObject
      const found = foreignTo(changed, object) ?? assert.fail()
      assert.deepEqual(merged(changed, found.patch), object)
    })
})

test('foreignTo() leaves what API servers fill in', () => {
  const filled: readonly [kind: string, change: object][] = [
    [
      'Service',
      {
        spec: {
          clusterIP: '10.0.0.1',
          clusterIPs: ['10.0.0.1'],
          ipFamilies: ['IPv4'],
          ipFamilyPolicy: 'SingleStack',
          sessionAffinity: 'None',
          internalTrafficPolicy: 'Cluster',
        },
      },
    ],
    ['ServiceAccount', { secrets: [{ name: 'token' }], imagePullSecrets: [{ name: 'pull' }] }],
    [
      'StatefulSet',
      {
        spec: {
          revisionHistoryLimit: 10,
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
          template: {
            metadata: { creationTimestamp: null },
            spec: {
              restartPolicy: 'Always',
              dnsPolicy: 'ClusterFirst',
              schedulerName: 'default-scheduler',
              serviceAccount: 'vault-server',
            },
          },
        },
        status: { replicas: 1 },
      },
    ],
  ]
  for (const [kind, change] of filled) {
    const object = desired.find((one) => one.kind === kind) ?? assert.fail()
    assert.equal(foreignTo(merged(object, change) as KubeObject, object), undefined, kind)
  }
})

test('applyChildren() makes a Service that somebody bent ours again, in one look', async () => {
  const kube = new FakeKube()
  const made = await kube.create(services, cluster)
  const owner = strongroom({ metadata: made.metadata })
  const object = clusterService(owner)
  const by = { kube, owner, fieldManager: 'test' }
  const found = async () =>
    (
      await kube.list(services, {
        namespace: 'shop',
        labelSelector: 'app.kubernetes.io/managed-by=strongroom-operator',
      })
    ).items.map((each) => ({ kind: services, object: each }))
  const wanted = {
    kind: services,
    object: { ...object, metadata: { ...object.metadata, name: 'vault-service' } },
  }
  await applyChildren(by, { desired: [wanted], found: [] })
  await kube.patch(
    services,
    { name: 'vault-service', namespace: 'shop' },
    { spec: { selector: { app: 'theirs' } } },
  )
  const [did] = await applyChildren(by, { desired: [wanted], found: await found() })
  assert.deepEqual([did?.did, did?.foreign], ['repaired', ['spec.selector.app']])
  assert.deepEqual(await applyChildren(by, { desired: [wanted], found: await found() }), [])
})
