/**
 * Settings of the operator: flags `--name=value`, or the environment (`STRONGROOM_OPERATOR_NAME`), which the chart sets.
 * The only reader of the environment.
 */
import { hostname } from 'node:os'
import { type ClusterAccess, kubeconfigAccess, podAccess, podNamespace } from './kube/access.ts'

export interface OperatorConfig {
  readonly access: ClusterAccess
  /** Image of the servers of a new cluster: the operator's own. */
  readonly image: string
  /** Namespaces that are watched; none = all. */
  readonly watchNamespaces: readonly string[]
  /** Where the lease lies. */
  readonly namespace: string
  readonly leaderElection: boolean
  /** Name of this process among its replicas. */
  readonly identity: string
  /** Address of `/healthz`, `/readyz` and `/metrics`, without TLS and without secrets. */
  readonly probePort: number
  readonly logLevel: string
}

/** Name, default (nothing: demanded) and what it is. */
export const settings = {
  image: {
    default: undefined,
    description: "Image of the servers of a new cluster; the chart gives the operator's own",
  },
  'watch-namespaces': {
    default: '',
    description: 'Namespaces to watch, separated by commas; empty = all',
  },
  namespace: { default: '', description: "Namespace of the lease; empty = the pod's own" },
  'leader-election': {
    default: 'true',
    description: 'false only where certainly one operator runs',
  },
  kubeconfig: {
    default: '',
    description: 'File by which the API server is reached; empty = from inside a pod',
  },
  'probe-port': { default: '8081', description: 'Port of /healthz, /readyz and /metrics' },
  'log-level': { default: 'info', description: 'trace, debug, info, warn or error' },
} as const satisfies Record<
  string,
  { readonly default: string | undefined; readonly description: string }
>

type Name = keyof typeof settings

/** Settings of this very process. */
export function processConfig(argv: readonly string[]): OperatorConfig {
  return readConfig(argv, process.env)
}

export function readConfig(argv: readonly string[], env: NodeJS.ProcessEnv): OperatorConfig {
  const flags = readFlags(argv)
  const value = (name: Name): string => {
    const found =
      flags.get(name) ??
      env[`STRONGROOM_OPERATOR_${name.toUpperCase().replaceAll('-', '_')}`] ??
      settings[name].default
    if (found === undefined)
      throw new Error(`Cannot start: --${name} is not set. ${settings[name].description}`)
    return found
  }
  const kubeconfig = value('kubeconfig')
  const inPod = kubeconfig === ''
  return Object.freeze({
    access: inPod
      ? podAccess({
          host: env.KUBERNETES_SERVICE_HOST ?? 'kubernetes.default.svc',
          port: env.KUBERNETES_SERVICE_PORT ?? '443',
        })
      : kubeconfigAccess(kubeconfig),
    image: value('image'),
    watchNamespaces: value('watch-namespaces')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    namespace: value('namespace') || (inPod ? podNamespace() : 'default'),
    leaderElection: value('leader-election') !== 'false',
    identity: `${hostname()}_${process.pid}`,
    probePort: portOf(value('probe-port')),
    logLevel: value('log-level'),
  })
}

function readFlags(argv: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    argv.map((argument) => {
      const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(argument) ?? []
      if (!(name in settings))
        throw new Error(
          `Cannot start: "${argument}" is no flag. Known are ${Object.keys(settings)
            .map((known) => `--${known}`)
            .join(', ')}`,
        )
      return [name, value] as const
    }),
  )
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`Cannot start: --probe-port is "${text}", a port is a number up to 65535`)
  return port
}
