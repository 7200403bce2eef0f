/** The pods of the servers, written out: whoever changes one field sees here what else moves, and that every server restarts for it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StrongroomSpec } from '#operator/api/strongroom.ts'
import { statefulSet } from '#operator/strongrooms/desired/statefulset.ts'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { objectsStage } from '#operator/strongrooms/stages/objects.ts'
import { strongroom } from '#test/support/resources.ts'

interface Container {
  readonly args: readonly string[]
  readonly securityContext: unknown
  readonly env?: unknown
  readonly volumeMounts: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
  }[]
  readonly [field: string]: unknown
}
interface PodSpec {
  readonly containers: readonly [Container]
  readonly volumes: readonly { readonly name: string; readonly [source: string]: unknown }[]
  readonly [field: string]: unknown
}
interface Spec {
  readonly template: {
    readonly metadata: { readonly labels: unknown; readonly annotations?: unknown }
    readonly spec: PodSpec
  }
  readonly [field: string]: unknown
}

const specOf = (spec: Partial<StrongroomSpec> = {}, image = 'strongroom:1'): Spec =>
  statefulSet(strongroom({ spec }), image).spec as Spec
const podOf = (spec: Partial<StrongroomSpec> = {}): PodSpec => specOf(spec).template.spec

describe('statefulSet()', () => {
  test('is this, and a change of it restarts every server', () => {
    const { containers, volumes, ...pod } = podOf()
    assert.deepEqual(pod, {
      serviceAccountName: 'vault-server',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 60,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
    })
    const probe = (path: string, times: object) => ({
      httpGet: { path, port: 'https', scheme: 'HTTPS' },
      ...times,
    })
    const [container, ...others] = containers
    assert.deepEqual(others, [])
    assert.deepEqual(container, {
      name: 'server',
      image: 'strongroom:1',
      imagePullPolicy: 'IfNotPresent',
      args: [
        'server',
        '--DataDir=/data',
        '--ServerUrl=https://0.0.0.0:8443',
        '--Security.Certificate.Internal.Path=/etc/strongroom/internal-tls',
        '--Security.Certificate.Path=/etc/strongroom/server-tls',
        '--Security.MasterKey.Path=/etc/strongroom/master-key',
        '--Security.WellKnownCertificates.Admin.Path=/etc/strongroom/admins',
      ],
      ports: [{ name: 'https', containerPort: 8443, protocol: 'TCP' }],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      startupProbe: probe('/health/live', {
        periodSeconds: 2,
        timeoutSeconds: 5,
        failureThreshold: 900,
      }),
      livenessProbe: probe('/health/live', {
        periodSeconds: 20,
        timeoutSeconds: 20,
        failureThreshold: 6,
      }),
      readinessProbe: probe('/health/ready', {
        periodSeconds: 5,
        timeoutSeconds: 5,
        failureThreshold: 3,
      }),
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'temporary', mountPath: '/tmp' },
        { name: 'internal-tls', mountPath: '/etc/strongroom/internal-tls', readOnly: true },
        { name: 'server-tls', mountPath: '/etc/strongroom/server-tls', readOnly: true },
        { name: 'master-key', mountPath: '/etc/strongroom/master-key', readOnly: true },
        { name: 'admins', mountPath: '/etc/strongroom/admins', readOnly: true },
      ],
    })
    assert.deepEqual(volumes, [
      { name: 'temporary', emptyDir: { sizeLimit: '256Mi' } },
      { name: 'internal-tls', secret: { secretName: 'vault-internal-tls', defaultMode: 0o400 } },
      {
        name: 'server-tls',
        secret: { secretName: 'vault-server-tls', defaultMode: 0o400, optional: true },
      },
      { name: 'master-key', secret: { secretName: 'vault-master-key', defaultMode: 0o400 } },
      {
        name: 'admins',
        secret: {
          secretName: 'vault-admins',
          defaultMode: 0o400,
          items: [{ key: 'operator.crt', path: 'operator.crt' }],
        },
      },
    ])
  })

  test('keeps its volumes, whatever happens to it', () => {
    const { template: _, ...spec } = specOf()
    assert.deepEqual(spec, {
      replicas: 1,
      serviceName: 'vault-members',
      podManagementPolicy: 'Parallel',
      selector: {
        matchLabels: { 'strongroom.dev/cluster': 'vault', 'app.kubernetes.io/component': 'server' },
      },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            name: 'data',
            labels: {
              'app.kubernetes.io/name': 'strongroom',
              'app.kubernetes.io/instance': 'vault',
              'app.kubernetes.io/component': 'server',
              'app.kubernetes.io/managed-by': 'strongroom-operator',
              'app.kubernetes.io/part-of': 'strongroom',
              'strongroom.dev/cluster': 'vault',
            },
          },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    })
  })

  test('passes Pod Security "restricted", whatever is declared', () => {
    for (const spec of [{}, everything]) {
      const pod = podOf(spec)
      for (const field of [
        'hostNetwork',
        'hostPID',
        'hostIPC',
        'initContainers',
        'ephemeralContainers',
      ])
        assert.equal(pod[field], undefined, field)
      const allowed = new Set([
        'configMap',
        'emptyDir',
        'secret',
        'persistentVolumeClaim',
        'projected',
      ])
      for (const { name: _, ...source } of pod.volumes)
        for (const kind of Object.keys(source)) assert.ok(allowed.has(kind), kind)
      for (const { securityContext, ports } of pod.containers) {
        assert.deepEqual(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        assert.ok(!JSON.stringify(ports).includes('hostPort'))
      }
    }
  })

  test('hands over nothing in the environment, and writes nowhere but to its volume and /tmp', () => {
    const [{ env, volumeMounts }] = podOf(everything).containers
    assert.equal(env, undefined)
    const writable = volumeMounts.filter(({ readOnly }) => readOnly !== true)
    assert.deepEqual(
      writable.map(({ mountPath }) => mountPath),
      ['/data', '/tmp'],
    )
  })

  test('mounts no Secret of a user but the master key, and no authority', () => {
    const mounted = JSON.stringify(podOf(everything).volumes)
    assert.ok(mounted.includes('"my-key"'))
    for (const name of ['my-tls', 'client-ca', 'server-ca', 'vault-operator'])
      assert.ok(!mounted.includes(name), name)
  })

  test('takes over what is declared of pods', () => {
    const pod = podOf(everything)
    const { args, resources } = pod.containers[0]
    assert.deepEqual(args.slice(-2), [
      '--PublicServerUrl=https://vault.example.com:8443',
      '--Security.Encryption.Required=true',
    ])
    const { nodeSelector, tolerations, priorityClassName } = pod
    assert.deepEqual({ resources, nodeSelector, tolerations, priorityClassName }, everything.pod)
  })
})

test('a newer operator changes no pod template', () => {
  const template = (operatorImage: string) => {
    const cluster = strongroom({ status: { image: 'strongroom:1' } })
    const none = { children: [], volumes: [], configMaps: new Map() }
    const observed = { cluster, ...none, operatorImage } as unknown as Observed
    const [apply] = objectsStage(observed).steps
    const set = apply?.kind === 'apply' ? apply.desired.at(-1)?.object : undefined
    return (set as unknown as { readonly spec: Spec }).spec.template
  }
  assert.deepEqual(template('strongroom:2'), template('strongroom:1'))
  assert.equal(template('strongroom:2').spec.containers[0].image, 'strongroom:1')
  assert.equal(template('strongroom:2').metadata.annotations, undefined)
})

const everything = {
  exposure: { host: 'vault.example.com' },
  encryption: { required: true, masterKey: { secretRef: { name: 'my-key' } } },
  tls: { server: { secretRef: { name: 'my-tls' } } },
  pod: {
    resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    nodeSelector: { disk: 'fast' },
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    priorityClassName: 'high',
  },
} satisfies Partial<StrongroomSpec>
