/** The chart as real Helm makes it: checked, rendered in the ways that people use, and refused where the values are wrong. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { loadAll } from 'js-yaml'
import { customKinds } from '#operator/api/kinds.ts'
import { namespacedRules } from '#operator/api/rbac.ts'
import { settings } from '#operator/config.ts'
import { defaultPolicy } from '#operator/policy.ts'
import { cacheFolder } from '#scripts/cache.mjs'
import { kubernetesPrograms } from '#test/cluster/programs.ts'
import { root } from '#test/support/source-tree/source-tree.ts'

interface Manifest {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly rules?: unknown
  readonly spec?: unknown
  readonly subjects?: readonly { readonly name: string; readonly namespace: string }[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
}

const chart = path.join(root, 'charts/strongroom')
let helm: string
before(() => {
  helm = kubernetesPrograms(cacheFolder('kubernetes')).helm
})

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(helm, args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

function rendered(...values: string[]): Manifest[] {
  const { status, stdout, stderr } = run(
    'template',
    'op',
    chart,
    '--namespace',
    'system',
    ...values.flatMap((value) => ['--set', value]),
  )
  assert.equal(status, 0, stderr)
  return (loadAll(stdout) as (Manifest | null)[]).filter((one) => one !== null)
}

const names = (manifests: readonly Manifest[]): string[] =>
  manifests
    .map(
      ({ kind, metadata }) =>
        `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`,
    )
    .toSorted()
const only = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((one) => one.kind === kind)

interface Container {
  readonly image: string
  readonly args: readonly string[]
  readonly securityContext: unknown
  readonly env?: unknown
  readonly volumeMounts: readonly object[]
}
interface Pod {
  readonly securityContext: unknown
  readonly dnsPolicy?: string
  readonly dnsConfig?: unknown
  readonly containers: readonly [Container]
  readonly volumes: readonly object[]
}
function podOf(manifests: readonly Manifest[]): Pod {
  const [deployment = assert.fail('no Deployment')] = only(manifests, 'Deployment')
  return (deployment.spec as { readonly template: { readonly spec: Pod } }).template.spec
}

describe('the chart', () => {
  test('passes helm lint without a word', () => {
    const { status, stdout } = run('lint', '--strict', chart)
    assert.equal(status, 0, stdout)
    assert.doesNotMatch(stdout, /WARNING|ERROR/)
  })

  test('installs the kinds, one operator, and its rights everywhere', () => {
    assert.deepEqual(names(rendered()), [
      'ClusterRole op-strongroom',
      'ClusterRoleBinding op-strongroom',
      ...customKinds
        .map(({ plural }) => `CustomResourceDefinition ${plural}.strongroom.dev`)
        .toSorted(),
      'Deployment system/op-strongroom',
      'Role system/op-strongroom-lease',
      'RoleBinding system/op-strongroom-lease',
      'ServiceAccount system/op-strongroom',
    ])
    assert.deepEqual(only(rendered(), 'ClusterRole')[0]?.rules, namespacedRules)
  })

  test('has no right outside of the namespaces that it watches', () => {
    const manifests = rendered('watchNamespaces={a,b}')
    assert.deepEqual(
      only(manifests, 'ClusterRole').concat(only(manifests, 'ClusterRoleBinding')),
      [],
    )
    assert.deepEqual(names(only(manifests, 'Role')), [
      'Role a/op-strongroom',
      'Role b/op-strongroom',
      'Role system/op-strongroom-lease',
    ])
    assert.ok(podOf(manifests).containers[0].args.includes('--watch-namespaces=a,b'))
    for (const role of only(manifests, 'Role').filter(
      ({ metadata }) => metadata.namespace !== 'system',
    ))
      assert.deepEqual(role.rules, namespacedRules)
  })

  test('binds every role to its own service account', () => {
    for (const values of [[], ['watchNamespaces={a,b}'], ['serviceAccount.name=mine']]) {
      const manifests = rendered(...values)
      const [account] = only(manifests, 'ServiceAccount')
      const bindings = manifests.filter(({ kind }) => kind.endsWith('Binding'))
      assert.ok(bindings.length >= 2)
      for (const { subjects, roleRef, metadata } of bindings) {
        assert.deepEqual(subjects, [
          { kind: 'ServiceAccount', name: account?.metadata.name, namespace: 'system' },
        ])
        const role = only(manifests, roleRef?.kind ?? '').find(
          (one) =>
            one.metadata.name === roleRef?.name && one.metadata.namespace === metadata.namespace,
        )
        assert.ok(role, `${metadata.name} refers to a role that is there`)
      }
    }
  })

  test('keeps the kinds when it is uninstalled, and leaves them to others where that is asked', () => {
    const policy = (manifests: Manifest[]) =>
      only(manifests, 'CustomResourceDefinition').map(
        ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'],
      )
    const each = <T>(value: T) => customKinds.map(() => value)
    assert.deepEqual(policy(rendered()), each('keep'))
    assert.deepEqual(policy(rendered('crds.keep=false')), each(undefined))
    assert.deepEqual(policy(rendered('crds.install=false')), [])
  })

  test('has the very kinds of crds/', () => {
    const kinds = only(rendered('crds.keep=false'), 'CustomResourceDefinition')
    for (const { plural } of customKinds) {
      const [file] = loadAll(
        readFileSync(path.join(root, `crds/${plural}.yaml`), 'utf8'),
      ) as Manifest[]
      assert.deepEqual(
        kinds.find(({ metadata }) => metadata.name === file?.metadata.name),
        file,
      )
    }
  })

  test('runs the operator as Pod Security "restricted" asks', () => {
    const pod = podOf(rendered())
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    const [container, ...others] = pod.containers
    assert.deepEqual(others, [])
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    assert.ok(pod.volumes.every((volume) => 'emptyDir' in volume))
  })

  test('gives flags that the operator knows, and its own image to the servers', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    for (const [values, image] of [
      [[], 'strongroom:0.1.0'],
      [['image.repository=r/s', 'image.tag=v1'], 'r/s:v1'],
      [['image.repository=r/s', 'image.tag=v1', `image.digest=${digest}`], `r/s@${digest}`],
    ] as const) {
      const [{ args, image: found }] = podOf(rendered(...values)).containers
      assert.equal(found, image)
      const [verb, ...flags] = args
      assert.equal(verb, 'operator')
      assert.ok(flags.includes(`--image=${image}`))
      // Two releases in one namespace have a lease each.
      assert.ok(flags.includes('--instance=op'))
      for (const flag of flags) assert.ok((/^--([a-z-]+)=/.exec(flag)?.[1] ?? '') in settings, flag)
    }
  })

  test('asks the resolvers and trusts the roots that it is given, and no others of its own', () => {
    assert.equal('dnsPolicy' in podOf(rendered()), false)
    const pod = podOf(
      rendered(
        ...['dnsPolicy=None', 'dnsConfig.nameservers={192.0.2.53}'],
        ...['extraRoots.configMap=roots', 'extraRoots.key=proxy.pem'],
      ),
    )
    assert.equal(pod.dnsPolicy, 'None')
    assert.deepEqual(pod.dnsConfig, { nameservers: ['192.0.2.53'] })
    const [{ env, volumeMounts }] = pod.containers
    const mountPath = '/etc/strongroom/roots'
    const options = { name: 'NODE_OPTIONS', value: '--max-semi-space-size=2' }
    const roots = { name: 'NODE_EXTRA_CA_CERTS', value: `${mountPath}/proxy.pem` }
    assert.deepEqual(env, [options, roots])
    assert.deepEqual(podOf(rendered()).containers[0].env, [options])
    assert.deepEqual(volumeMounts.at(-1), { name: 'roots', mountPath, readOnly: true })
    assert.deepEqual(pod.volumes.at(-1), { name: 'roots', configMap: { name: 'roots' } })
  })

  test('gives the operator what its administrator lets resources do', () => {
    const of = (...values: string[]) => podOf(rendered(...values)).containers[0].args
    const usual = of()
    for (const flag of ['secret-opt-in=false', 'allowed-images=', 'egress-allow=', 'egress-deny='])
      assert.ok(usual.includes(`--${flag}`), flag)
    assert.ok(
      usual.includes(`--ingress-annotations=${defaultPolicy.ingress.annotations.join(',')}`),
    )
    const args = of(
      ...['secretOptIn=true', 'allowedImages={mirror/*,b}', 'egress.allow={127.0.0.0/8,::1/128}'],
      ...['egress.deny={10.0.0.0/8}', 'ingress.classes={nginx}', 'ingress.hosts={*.example.com}'],
    )
    for (const flag of [
      ...['secret-opt-in=true', 'allowed-images=mirror/*,b', 'egress-allow=127.0.0.0/8,::1/128'],
      ...['egress-deny=10.0.0.0/8', 'ingress-classes=nginx', 'ingress-hosts=*.example.com'],
    ])
      assert.ok(args.includes(`--${flag}`), flag)
  })

  test('takes names that are given, and cuts none in a way that Kubernetes refuses', () => {
    const deployment = (...args: string[]) => {
      const { stdout } = run('template', ...args)
      return (
        only((loadAll(stdout) as Manifest[]).filter(Boolean), 'Deployment')[0]?.metadata.name ?? ''
      )
    }
    assert.equal(deployment('strongroom', chart), 'strongroom')
    assert.equal(deployment('x', chart, '--set', 'nameOverride=y'), 'x-y')
    assert.equal(deployment('x', chart, '--set', 'fullnameOverride=y'), 'y')
    const long = deployment('a'.repeat(41), chart, '--set', 'nameOverride=bbbbbbbbbb-ccccccc')
    assert.match(long, /^[a-z0-9-]{1,52}$/)
    assert.doesNotMatch(long, /-$/)
  })

  test('holds no Secret: Helm keeps what it installs where many can read', () => {
    assert.deepEqual(only(rendered(), 'Secret'), [])
    assert.doesNotMatch(
      readFileSync(path.join(chart, 'values.yaml'), 'utf8'),
      /password|secretKey|token/i,
    )
  })
})

describe('the chart refuses', () => {
  const cases: readonly [values: string, says: RegExp][] = [
    ['wachNamespaces={a}', /additional properties 'wachNamespaces' not allowed/],
    ['watchNamespaces=a', /watchNamespaces.*(array|string)/s],
    ['watchNamespaces={A_b}', /watchNamespaces.*pattern/s],
    ['watchNamespaces={a,a}', /watchNamespaces.*(unique|equal)/s],
    ['image.digest=latest', /image.*digest.*pattern/s],
    ['image.pullPolicy=Sometimes', /pullPolicy/],
    ['replicas=-1', /replicas/],
    ['replicas=two', /replicas/],
    ['logLevel=loud', /logLevel/],
    ['secretOptIn=yes', /secretOptIn/],
    ['egress.allow={localhost}', /egress.*allow.*pattern/s],
    ['egress.alow={10.0.0.0/8}', /additional properties 'alow' not allowed/],
    ['dnsPolicy=Mine', /dnsPolicy/],
    ['extraRoots.key=../x', /key.*pattern/s],
    ['crds.keeep=true', /additional properties 'keeep' not allowed/],
  ]
  for (const [value, says] of cases) {
    test(`--set ${value}`, () => {
      const { status, stderr } = run('template', 'op', chart, '--set', value)
      assert.notEqual(status, 0)
      assert.match(stderr, says)
    })
  }
})
