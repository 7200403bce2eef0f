/**
 * What the suites on a real Kubernetes share: one cluster for all of them, the project's image on it, and for each test an
 * operator of its own in a namespace of its own.
 */
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder, clustersFolder } from '#scripts/cache.mjs'
import { type Image, projectImage } from '#test/image/build.ts'
import { availableCluster } from './available.ts'
import { builtPrograms } from './built/build.ts'
import { bringUp } from './built/built.ts'
import type { Cluster } from './cluster.ts'
import { kindCluster } from './kind.ts'
import { kubernetesPrograms } from './programs.ts'
import { run, until } from './run.ts'

export const root = join(import.meta.dirname, '../..')

export interface Place extends AsyncDisposable {
  readonly cluster: Cluster
  readonly helm: (...args: readonly string[]) => Promise<string>
  readonly image: Image
}

export interface PlaceOptions {
  readonly nodes: number
  readonly tell?: (line: string) => void
}

/** A cluster with the image on it. */
export async function bringUpPlace({
  nodes,
  tell = (line) => process.stderr.write(`${line}\n`),
}: PlaceOptions): Promise<Place> {
  const cache = cacheFolder('kubernetes')
  const available = await availableCluster()
  if (available.kind === 'none')
    throw new Error(
      `No Kubernetes can be had here: ${available.reason}. To mend it: ${available.fix}`,
    )
  const programs = kubernetesPrograms(cache)
  const image = await projectImage({ cache, tell })
  const cluster =
    available.kind === 'kind'
      ? await kindCluster({ nodes, cache, kubectlProgram: programs.kubectl })
      : await bringUp({
          programs: await builtPrograms(cache, tell),
          nodes,
          root: clustersFolder(),
          images: [image.archive],
        })
  if (available.kind === 'kind') await cluster.loadImage(image.archive)
  return {
    cluster,
    image,
    helm: (...args) =>
      run(programs.helm, [...args, '--kubeconfig', cluster.kubeconfig], {
        env: { ...process.env, HELM_CACHE_HOME: join(tmpdir(), 'strongroom-helm') },
      }),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

/** A namespace with an operator that watches it alone. */
export interface Tenant extends AsyncDisposable {
  readonly namespace: string
  readonly place: Place
  kubectl(...args: readonly string[]): Promise<string>
  apply(yaml: string): Promise<string>
  /** An object as it is, or nothing. */
  get<T>(kind: string, name: string): Promise<T | undefined>
  /** Waits for the condition Ready of each `kind/name`. */
  ready(...resources: readonly string[]): Promise<void>
  /** Waits until the condition has that reason; returns its message. */
  reason(resource: string, type: string, reason: string): Promise<string>
  /** Why things are as they are: for the message of a failed test. */
  describe(): Promise<string>
}

/** `before`: manifests of what the operator needs when it starts. */
export async function newTenant(
  place: Place,
  values: Readonly<Record<string, string>> = {},
  before?: string,
): Promise<Tenant> {
  const namespace = `t-${randomUUID().slice(0, 8)}`
  const { cluster } = place
  await cluster.kubectl('create', 'namespace', namespace)
  // Pods of servers and operator must fit the strictest standard.
  await cluster.kubectl(
    'label',
    'namespace',
    namespace,
    'pod-security.kubernetes.io/enforce=restricted',
  )
  const [repository = '', tag = ''] = place.image.reference.split(/:(?=[^:]+$)/)
  const settings = {
    'image.repository': repository,
    'image.tag': tag,
    'image.pullPolicy': 'Never',
    'crds.install': 'false',
    'watchNamespaces[0]': namespace,
    // Names of the labs lead to addresses of this host, which are refused else.
    'egress.allow[0]': '127.0.0.0/8',
    ...values,
  }
  const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
  await cluster.kubectl('apply', '--server-side', '-f', join(root, 'crds'))
  if (before !== undefined) await cluster.apply(before, '-n', namespace)
  await place.helm(
    'install',
    'strongroom',
    join(root, 'charts/strongroom'),
    '--namespace',
    namespace,
    '--wait',
    '--timeout',
    '90s',
    ...sets,
  )
  return tenantOf(place, namespace)
}

interface WithConditions {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
    }[]
  }
}

function tenantOf(place: Place, namespace: string): Tenant {
  const { cluster } = place
  const kubectl = (...args: readonly string[]): Promise<string> =>
    cluster.kubectl('-n', namespace, ...args)
  const get = async <T>(kind: string, name: string): Promise<T | undefined> => {
    const text = await kubectl('get', kind, name, '-o', 'json', '--ignore-not-found')
    return text === '' ? undefined : JSON.parse(text)
  }
  const tenant: Tenant = {
    namespace,
    place,
    kubectl,
    get,
    apply: (yaml) => cluster.apply(yaml, '-n', namespace),
    ready: async (...resources) => {
      await kubectl('wait', '--for=condition=Ready', '--timeout=120s', ...resources).catch(
        async (error: Error) => {
          throw new Error(`${error.message}\n${await tenant.describe()}`)
        },
      )
    },
    reason: async (resource, type, reason) => {
      const [kind = '', name = ''] = resource.split('/')
      const find = async (): Promise<string | undefined> => {
        const found = await get<WithConditions>(kind, name)
        return found?.status?.conditions?.find(
          (condition) => condition.type === type && condition.reason === reason,
        )?.message
      }
      return until(`${resource} to say ${type} ${reason}`, find, {
        withinMs: 90_000,
        everyMs: 200,
      }).catch(async (error: Error) => {
        throw new Error(`${error.message}\n${await tenant.describe()}`)
      })
    },
    describe: async () => {
      const [resources, events, pods, logs] = await Promise.all([
        kubectl(
          'get',
          'strongroom,strongroomdatabase,strongroomcertificate,strongroompermission',
          '-o',
          'wide',
        ).catch(String),
        kubectl('get', 'events', '--sort-by=.metadata.creationTimestamp').catch(String),
        kubectl('get', 'pods', '-o', 'wide').catch(String),
        kubectl('logs', 'deployment/strongroom', '--tail=40').catch(String),
      ])
      return [resources, pods, events, logs].join('\n')
    },
    [Symbol.asyncDispose]: async () => {
      await kubectl(
        'delete',
        'strongroompermission,strongroomcertificate,strongroomdatabase,strongroom',
        '--all',
        '--wait=false',
      ).catch(() => '')
      await place.helm('uninstall', 'strongroom', '--namespace', namespace).catch(() => '')
      await cluster.kubectl('delete', 'namespace', namespace, '--wait=false')
    },
  }
  return tenant
}
