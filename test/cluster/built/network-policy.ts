/**
 * NetworkPolicy (networking.k8s.io/v1) of a built cluster: one nftables table, the same in every node's network namespace.
 * Every change rewrites it in one transaction. Not here: named ports of egress peers.
 */
import { spawn } from 'node:child_process'
import type { Cache } from '#operator/kube/cache.ts'
import { namespaces, pods } from '#operator/kube/kinds.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'

export const networkPolicies: Kind = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
}

type Labels = Readonly<Record<string, string>>

interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
    readonly values?: readonly string[]
  }[]
}

interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
  readonly namespaceSelector?: Selector
  readonly podSelector?: Selector
}

interface Rule {
  readonly from?: readonly Peer[]
  readonly to?: readonly Peer[]
  readonly ports?: readonly {
    readonly protocol?: string
    readonly port?: number | string
    readonly endPort?: number
  }[]
}

interface Policy extends KubeObject {
  readonly spec: {
    readonly podSelector: Selector
    readonly policyTypes?: readonly string[]
    readonly ingress?: readonly Rule[]
    readonly egress?: readonly Rule[]
  }
}

interface Pod extends KubeObject {
  readonly spec: {
    readonly hostNetwork?: boolean
    readonly containers: readonly {
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
    }[]
  }
  readonly status: { readonly podIP?: string; readonly phase?: string }
}

type Direction = 'ingress' | 'egress'

/** What the rules are computed from. */
export interface World {
  readonly pods: readonly Pod[]
  readonly policies: readonly Policy[]
  readonly labelsOfNamespace: (name: string) => Labels
}

export interface Enforcing {
  readonly cache: Cache
  /** Network namespaces of the nodes. */
  readonly networks: readonly string[]
  /** DNS runs beside the API server, not in a pod: policies that allow it by its usual labels must still find it. */
  readonly dnsAddress: string
}

export function enforcePolicies({ cache, networks, dnsAddress }: Enforcing): void {
  let isPlanned = false
  let last = ''
  const write = (): void => {
    isPlanned = false
    const text = ruleset(worldOf(cache, dnsAddress))
    if (text === last) return
    last = text
    for (const network of networks) load(network, text)
  }
  const changed = (): void => {
    if (isPlanned) return
    isPlanned = true
    setTimeout(write, 20)
  }
  for (const kind of [pods, namespaces, networkPolicies]) cache.onObject(kind, changed)
}

function worldOf(cache: Cache, dnsAddress: string): World {
  const dns: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
    spec: { containers: [] },
    status: { podIP: dnsAddress },
  }
  return {
    pods: [dns, ...cache.list<Pod>(pods)].filter(isLive),
    policies: cache.list<Policy>(networkPolicies),
    labelsOfNamespace: (name) => cache.get<KubeObject>(namespaces, { name })?.metadata.labels ?? {},
  }
}

function isLive({ spec, status }: Pod): boolean {
  return (
    status.podIP !== undefined &&
    spec.hostNetwork !== true &&
    status.phase !== 'Succeeded' &&
    status.phase !== 'Failed'
  )
}

function load(network: string, text: string): void {
  const nft = spawn('nsenter', [`--net=/run/netns/${network}`, 'nft', '-f', '-'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  nft.on('error', (error) => process.stderr.write(`${network}: ${error.message}\n`))
  nft.stdin.end(text)
}

/** The whole table in nft's language. */
export function ruleset(world: World): string {
  const chains: string[] = []
  const jumps: Record<Direction, string[]> = { egress: [], ingress: [] }
  for (const pod of world.pods) {
    for (const direction of ['ingress', 'egress'] as const) {
      const applying = world.policies.filter((policy) => applies(policy, pod, direction))
      if (applying.length === 0) continue
      const name = `${direction}-${pod.status.podIP}`.replaceAll('.', '-')
      const rules = applying
        .flatMap(({ spec }) => spec[direction] ?? [])
        .flatMap((rule) => matches(rule, { direction, pod, world }))
      chains.push(`chain ${name} {\n  ${[...new Set(rules), 'drop'].join('\n  ')}\n}`)
      jumps[direction].push(
        `ip ${direction === 'ingress' ? 'daddr' : 'saddr'} ${pod.status.podIP} jump ${name}`,
      )
    }
  }
  const forward = `chain forward {\n  type filter hook forward priority 10; policy accept;\n  ct state established,related accept\n  ${[...jumps.egress, ...jumps.ingress].join('\n  ')}\n}`
  return `table inet netpol {}\ndelete table inet netpol\ntable inet netpol {\n${[...chains, forward].join('\n')}\n}\n`
}

function applies({ metadata, spec }: Policy, pod: Pod, direction: Direction): boolean {
  const types = spec.policyTypes ?? ['Ingress', ...(spec.egress === undefined ? [] : ['Egress'])]
  const isNamed = types.some((type) => type.toLowerCase() === direction)
  return (
    isNamed &&
    metadata.namespace === pod.metadata.namespace &&
    selects(spec.podSelector, pod.metadata.labels)
  )
}

interface Place {
  readonly direction: Direction
  readonly pod: Pod
  readonly world: World
}

/** The product of a rule's peers and its ports. */
function matches(rule: Rule, { direction, pod, world }: Place): string[] {
  const side = direction === 'ingress' ? 'saddr' : 'daddr'
  const peers = (direction === 'ingress' ? rule.from : rule.to) ?? []
  const from =
    peers.length === 0 ? [''] : peers.flatMap((peer) => addresses(peer, side, { pod, world }))
  const ports = rule.ports ?? []
  const to = ports.length === 0 ? [''] : ports.flatMap((port) => portMatch(port, pod))
  return from.flatMap((address) => to.map((port) => `${address} ${port} return`))
}

function addresses(
  { ipBlock, namespaceSelector, podSelector }: Peer,
  side: string,
  { pod, world }: Omit<Place, 'direction'>,
): string[] {
  if (ipBlock !== undefined) {
    const { cidr, except = [] } = ipBlock
    return [
      `ip ${side} ${cidr}${except.length === 0 ? '' : ` ip ${side} != { ${except.join(', ')} }`}`,
    ]
  }
  const isInNamespace = ({ metadata }: Pod): boolean =>
    namespaceSelector === undefined
      ? metadata.namespace === pod.metadata.namespace
      : selects(namespaceSelector, world.labelsOfNamespace(metadata.namespace ?? ''))
  const found = world.pods
    .filter((other) => isInNamespace(other) && selects(podSelector, other.metadata.labels))
    .map((other) => other.status.podIP)
  return found.length === 0 ? [] : [`ip ${side} { ${found.join(', ')} }`]
}

function portMatch(
  { protocol = 'TCP', port, endPort }: NonNullable<Rule['ports']>[number],
  pod: Pod,
): string[] {
  const name = protocol.toLowerCase()
  if (port === undefined) return [`meta l4proto ${name}`]
  const number =
    typeof port === 'number'
      ? port
      : pod.spec.containers
          .flatMap(({ ports = [] }) => ports)
          .find((candidate) => candidate.name === port)?.containerPort
  return number === undefined
    ? []
    : [`${name} dport ${number}${endPort === undefined ? '' : `-${endPort}`}`]
}

function selects(selector: Selector | undefined, labels: Labels = {}): boolean {
  const isSame = Object.entries(selector?.matchLabels ?? {}).every(
    ([key, value]) => labels[key] === value,
  )
  return (
    isSame && (selector?.matchExpressions ?? []).every((expression) => holds(expression, labels))
  )
}

function holds(
  { key, operator, values = [] }: NonNullable<Selector['matchExpressions']>[number],
  labels: Labels,
): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return operator satisfies never
  }
}
