/**
 * Hostile values in every field of every kind meet a real API server. Each is refused by it, or taken and then brought to what it declares by the operator, or
 * stuck with cause and fix in its conditions. Nothing is taken and then silent.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { customResourceDefinition } from '#operator/api/crd.ts'
import type { CustomKind } from '#operator/api/kind.ts'
import { customKinds } from '#operator/api/kinds.ts'
import { names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { HttpsKube } from '#operator/kube/https-kube.ts'
import { namespaces, pods, secrets, services, statefulSets } from '#operator/kube/kinds.ts'
import { type Kind, KubeError, type KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels } from '#operator/kube/labels.ts'
import { cacheFolder } from '#scripts/cache.mjs'
import { fieldValues, withField } from '#test/support/field-values.ts'
import { fullResources } from '#test/support/full-resources.ts'
import { type HostileSpec, hostileSpecs } from '#test/support/hostile-specs.ts'
import { realOperator } from '#test/support/real-operator.ts'
import { strongroom } from '#test/support/resources.ts'
import { seeded } from '#test/support/seeded.ts'
import { availableCluster } from './available.ts'
import { builtPrograms } from './built/build.ts'
import { type LoneApiServer, loneApiServer } from './built/lone-api-server.ts'
import { until } from './run.ts'

const namespace = 'shop'
const definitions: Kind = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

export interface HostileScope {
  /** Of all hostile values so many are sent, chosen by the seed. */
  readonly specs: number
  readonly seed: number
}

export async function hostileSuite({ specs: count, seed }: HostileScope): Promise<void> {
  const available = await availableCluster()
  const skip =
    available.kind === 'built'
      ? false
      : `an API server of our own needs a built cluster: ${available.kind}`
  describe('every field of every kind on a real API server', { skip }, () => {
    let server: LoneApiServer
    let kube: HttpsKube
    before(async () => {
      const programs = await builtPrograms(cacheFolder('kubernetes'), (line) => console.error(line))
      server = await loneApiServer(programs)
      kube = new HttpsKube(server.access)
      for (const kind of customKinds) await kube.create(definitions, definitionOf(kind))
      await kube.create(namespaces, object('v1', 'Namespace', namespace))
      const data = { 'master.key': Buffer.alloc(32, 1).toString('base64') }
      const key = { key: Buffer.from('c2VjcmV0LWtleS1tYXRlcmlhbA==').toString('base64') }
      await kube.create(secrets, { ...object('v1', 'Secret', 'mine', namespace), data })
      await kube.create(secrets, { ...object('v1', 'Secret', 'keys', namespace), data: key })
      for (const kind of customKinds)
        await until(`${kind.kind} to be served`, () => kube.list(kind, { namespace }))
    })
    after(async () => {
      kube?.close()
      await server?.[Symbol.asyncDispose]()
    })

    test('the API server takes the definitions, and reads each value of the table as the operator does', async () => {
      for (const { resource, path, good, bad, isOperatorAlone } of fieldValues) {
        const said = (value: unknown) =>
          tried(kube, named(withField(resource(), path, value), path))
        const where = `${resource().kind} ${path.join('.')}`
        for (const value of good)
          assert.equal(await said(value), 'taken', `${where} ${JSON.stringify(value)}`)
        if (isOperatorAlone === true) continue
        for (const value of bad)
          assert.notEqual(await said(value), 'taken', `${where} ${JSON.stringify(value)}`)
      }
    })

    test('what a field holds is refused at once, or applied for real, or a condition with cause and fix', async (t) => {
      const taken = await takenOf(kube, chosen(count, seed))
      await using operator = await realOperator(kube)
      await runVault(kube)
      const open = new Map(taken.map((one) => [one.key, one]))
      await until(
        'a word on each of them',
        async () => {
          for (const [key, one] of open)
            if ((await verdict(kube, one)) === undefined) open.delete(key)
          return open.size === 0 ? true : undefined
        },
        { withinMs: 120_000, everyMs: 500 },
      ).catch(async () => {
        const [first] = open.values()
        assert.fail(`${open.size} are silent, e.g. ${first && (await verdict(kube, first))}`)
      })
      assert.deepEqual(
        operator.failures.filter((line) => !/\b(Conflict|modified)\b/.test(line)).slice(0, 3),
        [],
      )
      const reasons = Object.entries(await reasonsOf(kube, taken))
      assert.ok(reasons.length > 2, 'they end in different ways')
      t.diagnostic(`${taken.length} taken: ${reasons.map((pair) => pair.join(' ')).join(', ')}`)
    })
  })
}

interface Taken extends HostileSpec {
  readonly kind: CustomKind
  /** `kind/name` */
  readonly key: string
  readonly name: string
}

function chosen(
  count: number,
  seed: number,
): readonly (HostileSpec & { readonly kind: CustomKind })[] {
  const all = customKinds.flatMap((kind) =>
    hostileSpecs(kind, fullResources[kind.kind] ?? []).map((spec) => ({ ...spec, kind })),
  )
  const random = seeded(seed)
  const ordered = all.map((spec) => ({ spec, at: random.real() })).toSorted((a, b) => a.at - b.at)
  return ordered.slice(0, count).map(({ spec }) => spec)
}

/** Those that the API server takes, each under a name of its own. */
async function takenOf(
  kube: HttpsKube,
  specs: ReturnType<typeof chosen>,
): Promise<readonly Taken[]> {
  const taken: Taken[] = []
  for (const [index, spec] of specs.entries()) {
    const name = `h${index}`
    const own = unnamed(spec.resource, name)
    // Two certificates that write the same Secret are in conflict, which is not what is looked for.
    const isShared = own.kind === 'StrongroomCertificate' && spec.path !== 'spec.secretName'
    const resource = isShared ? withField(own, ['spec', 'secretName'], `${name}-tls`) : own
    if ((await tried(kube, resource)) !== 'taken') continue
    taken.push({ ...spec, name, key: `${spec.kind.kind}/${name}` })
  }
  return taken
}

/** Creates it; what the API server says against it, or `taken`. */
async function tried(kube: HttpsKube, resource: KubeObject): Promise<string> {
  const kind = customKinds.find((one) => one.kind === resource.kind) ?? assert.fail(resource.kind)
  try {
    await kube.create(kind, resource)
    return 'taken'
  } catch (error) {
    if (error instanceof KubeError && error.status < 500) return error.message
    throw error
  }
}

/** Why it is not well; nothing where it is applied for real, or its conditions say why not. */
async function verdict(
  kube: HttpsKube,
  { kind, name, path, value }: Taken,
): Promise<string | undefined> {
  const found = await kube.get<Strongroom>(kind, { name, namespace })
  const where = `${kind.kind} ${path} ${JSON.stringify(value)?.slice(0, 60)}`
  const { generation } = found?.metadata ?? {}
  const said = (type: string) =>
    found?.status?.conditions?.find(
      (one) => one.type === type && one.observedGeneration === generation,
    )
  const ready = said('Ready')
  if (ready === undefined) return `${where}: no condition`
  if (said('Stalled')?.status === 'True')
    return ready.message.length > 20 ? undefined : `${where}: stalled without a cause`
  if (ready.status === 'True') return undefined
  if (withoutCause.has(ready.reason)) return `${where}: ${ready.reason} ${ready.message}`
  return kind.kind === 'Strongroom' ? await isApplied(kube, name, where) : undefined
}

/** How often each reason stands in the Ready condition. */
async function reasonsOf(
  kube: HttpsKube,
  taken: readonly Taken[],
): Promise<Record<string, number>> {
  const reasons: Record<string, number> = {}
  for (const { kind, name } of taken) {
    const found = await kube.get<Strongroom>(kind, { name, namespace })
    const ready = found?.status?.conditions?.find(({ type }) => type === 'Ready')
    const reason = `${kind.kind} ${ready?.reason}`
    reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  return reasons
}

/** Reasons of what is being done at this moment. */
const withoutCause = new Set([
  ...['Unknown', 'Creating', 'Issuing', 'Applying', 'Registering'],
  ...['MakingMasterKey', 'MakingAuthorities', 'ClusterNotReady'],
])

async function isApplied(
  kube: HttpsKube,
  name: string,
  where: string,
): Promise<string | undefined> {
  const set = await kube.get(statefulSets, { name: names.statefulSet(name), namespace })
  const service = await kube.get(services, { name: names.service(name), namespace })
  return set === undefined || service === undefined ? `${where}: nothing was applied` : undefined
}

/** A value of the table under a name that no other has, unless the name is what it is about. */
function named<T extends KubeObject>(resource: T, path: readonly (string | number)[]): T {
  const name = path[0] === 'metadata' ? resource.metadata.name : `t${randomUUID().slice(0, 8)}`
  return unnamed(resource, name)
}

function unnamed<T extends KubeObject>(resource: T, name: string): T {
  return { ...resource, metadata: { name, namespace } }
}

function object(apiVersion: string, kind: string, name: string, place?: string): KubeObject {
  const where = place === undefined ? {} : { namespace: place }
  return { apiVersion, kind, metadata: { name, ...where } }
}

/** The cluster that databases, certificates and permissions name, with a pod that says that it is ready. */
async function runVault(kube: HttpsKube): Promise<void> {
  await kube.create(strongrooms, unnamed(strongroom(), 'vault'))
  const bare = object('v1', 'Pod', 'vault-0', namespace)
  const metadata = { ...bare.metadata, labels: clusterLabels('vault', 'server') }
  const spec = { containers: [{ name: 'server', image: 'strongroom:1' }] }
  const pod = { ...bare, metadata, spec }
  await kube.create(pods, pod)
  const conditions = [{ type: 'Ready', status: 'True' }]
  const status = { phase: 'Running', podIP: '198.18.65.2', conditions }
  await kube.applyStatus(pods, { ...bare, status } as KubeObject, 'test')
}

function definitionOf(kind: CustomKind): KubeObject {
  return customResourceDefinition(kind) as unknown as KubeObject
}
