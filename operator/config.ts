/**
 * Settings of the operator: flags `--name=value`, or the environment (`STRONGROOM_OPERATOR_NAME`), which the chart sets.
 * The only reader of the environment.
 */
import { hostname } from 'node:os'
import { networks } from '#shared/egress.ts'
import { type ClusterAccess, kubeconfigAccess, podAccess, podNamespace } from './kube/access.ts'
import { challengePort } from './limits.ts'
import { defaultPolicy, type Policy } from './policy.ts'

export interface OperatorConfig {
  readonly access: ClusterAccess
  /** Image of the servers of a new cluster: the operator's own. */
  readonly image: string
  /** Namespaces that are watched; none = all. */
  readonly watchNamespaces: readonly string[]
  /** Where the lease lies. */
  readonly namespace: string
  /** Name of this installation: of its lease, and of the label `app.kubernetes.io/instance` of its pods. */
  readonly instance: string
  readonly leaderElection: boolean
  /** Name of this process among its replicas. */
  readonly identity: string
  /** Address of `/healthz`, `/readyz` and `/metrics`, without TLS and without secrets. */
  readonly probePort: number
  /** Where challenges of CAs are answered, over plain HTTP. */
  readonly challengePort: number
  /** Address by which challenges come here; empty: those of the operator's pods. */
  readonly challengeAddress: string
  /** Only Secrets with the label `strongroom.dev/use: allowed` are used where resources name them. */
  readonly secretOptIn: boolean
  /** Networks (CIDR) for connections that resources name. */
  readonly egress: { readonly allowed: readonly string[]; readonly denied: readonly string[] }
  readonly policy: Policy
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
  instance: {
    default: 'strongroom-operator',
    description:
      'Name of this installation in its namespace: of its lease, and of the label app.kubernetes.io/instance of its pods',
  },
  'leader-election': {
    default: 'true',
    description: 'false only where certainly one operator runs',
  },
  kubeconfig: {
    default: '',
    description: 'File by which the API server is reached; empty = from inside a pod',
  },
  'probe-port': { default: '8081', description: 'Port of /healthz, /readyz and /metrics' },
  'challenge-port': {
    default: String(challengePort),
    description: 'Port on which challenges of CAs (HTTP-01) are answered',
  },
  'challenge-address': {
    default: '',
    description: "Address at which they come; empty = those of the operator's pods",
  },
  'secret-opt-in': {
    default: 'false',
    description:
      'true: a Secret that a resource names is used only with the label strongroom.dev/use=allowed',
  },
  'allowed-images': {
    default: '',
    description:
      "Images of servers beside the operator's own repository, separated by commas; * stands for any characters",
  },
  'egress-allow': {
    default: '',
    description:
      'Networks (CIDR, separated by commas) to which connections go that resources name, although they are refused else',
  },
  'egress-deny': {
    default: '',
    description:
      'Networks (CIDR) to which none goes, beside this host, links and metadata services',
  },
  'ingress-classes': {
    default: defaultPolicy.ingress.classes.join(','),
    description: 'Classes of the Ingresses that issuers may ask for; * stands for any characters',
  },
  'ingress-annotations': {
    default: defaultPolicy.ingress.annotations.join(','),
    description: 'Keys of annotations that issuers may put on them; * stands for any characters',
  },
  'ingress-hosts': {
    default: defaultPolicy.ingress.hosts.join(','),
    description: 'Hosts that they may be for; * stands for any characters',
  },
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
    if (found === undefined || (found === '' && settings[name].default === undefined))
      throw new Error(`Cannot start: --${name} is not set. ${settings[name].description}`)
    return found
  }
  const kubeconfig = value('kubeconfig')
  const inPod = kubeconfig === ''
  return Object.freeze({
    access: accessBy(kubeconfig, env),
    image: value('image'),
    watchNamespaces: listOf(value('watch-namespaces')),
    namespace: value('namespace') || (inPod ? podNamespace() : 'default'),
    instance: value('instance'),
    leaderElection: isTrue('leader-election', value('leader-election')),
    identity: `${hostname()}_${process.pid}`,
    probePort: portOf('probe-port', value('probe-port')),
    challengePort: portOf('challenge-port', value('challenge-port')),
    challengeAddress: value('challenge-address'),
    secretOptIn: isTrue('secret-opt-in', value('secret-opt-in')),
    egress: {
      allowed: networksOf('egress-allow', value('egress-allow')),
      denied: networksOf('egress-deny', value('egress-deny')),
    },
    policy: {
      allowedImages: listOf(value('allowed-images')),
      ingress: {
        classes: listOf(value('ingress-classes')),
        annotations: listOf(value('ingress-annotations')),
        hosts: listOf(value('ingress-hosts')),
      },
    },
    logLevel: levelOf(value('log-level')),
  })
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function networksOf(name: Name, text: string): readonly string[] {
  const list = listOf(text)
  try {
    networks(list)
    return list
  } catch (error) {
    throw new Error(`Cannot start: --${name} is "${text}": ${(error as Error).message}`, {
      cause: error,
    })
  }
}

function accessBy(kubeconfig: string, env: NodeJS.ProcessEnv): ClusterAccess {
  try {
    if (kubeconfig !== '') return kubeconfigAccess(kubeconfig)
    return podAccess({
      host: env.KUBERNETES_SERVICE_HOST ?? 'kubernetes.default.svc',
      port: env.KUBERNETES_SERVICE_PORT ?? '443',
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const place = kubeconfig === '' ? 'not in a pod with a service account' : 'without that file'
    const message = `Cannot start: the API server cannot be reached ${place}: ${(error as Error).message}; give --kubeconfig=FILE`
    throw new Error(message, { cause: error })
  }
}

function readFlags(argv: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    argv.map((argument) => {
      const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(argument) ?? []
      if (!Object.hasOwn(settings, name))
        throw new Error(
          `Cannot start: "${argument}" is no flag. Known are ${Object.keys(settings)
            .map((known) => `--${known}`)
            .join(', ')}`,
        )
      return [name, value] as const
    }),
  )
}

function portOf(name: Name, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new Error(`Cannot start: --${name} is "${text}", a port is a number up to 65535`)
}

function isTrue(name: Name, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new Error(`Cannot start: --${name} is "${text}", it is true or false`)
}

const levels = ['trace', 'debug', 'info', 'warn', 'error']

function levelOf(text: string): string {
  if (levels.includes(text)) return text
  throw new Error(`Cannot start: --log-level is "${text}", it is one of ${levels.join(', ')}`)
}
