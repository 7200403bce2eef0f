/** A built cluster: brought up, broken on purpose, and taken down without leaving anything. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createReadStream, mkdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import type { Cluster, Faults } from '../cluster.ts'
import { run, until } from '../run.ts'
import type { Programs } from './build.ts'
import { makeNodeGroup, removeGroups } from './cgroups.ts'
import { alone, claim, release } from './claim.ts'
import { controlPlane } from './control-plane.ts'
import { hostAddress, type Layout, layoutOf, nodeNamespace, nodeNumbers } from './layout.ts'
import { initPid, switchOff, switchOn } from './machine.ts'
import { layCables, routeServices, setCable } from './network.ts'
import { nodeMachine } from './node.ts'
import { makePki } from './pki.ts'
import { tearDown, tearDownAbandoned } from './tear-down.ts'

export interface BuiltOptions {
  readonly programs: Programs
  readonly nodes: number
  /** Folder for everything of the clusters of this machine. */
  readonly root: string
  /** Image archives known to every node from the start. */
  readonly images?: readonly string[]
  /** Reads are in the audit log, too, and not only changes. */
  readonly auditsReads?: boolean
}

export async function bringUp({
  programs,
  nodes,
  root,
  images = [],
  auditsReads = false,
}: BuiltOptions): Promise<Cluster> {
  mkdirSync(root, { recursive: true })
  const id = await alone(root, async () => {
    await tearDownAbandoned(root)
    return claim(root)
  })
  const keeper = keepWatch(root)
  const layout = layoutOf({ id, nodes, bin: programs.bin, root, auditsReads })
  const dispose = async (): Promise<void> => {
    await alone(root, () => tearDown(layout))
    release(root, id)
    keeper.stdin.end('released')
  }
  try {
    mkdirSync(join(layout.run, 'log'), { recursive: true })
    makePki(layout)
    await alone(root, () => layCables(layout))
    const all = [programs.pauseImage, ...images]
    await switchOn(layout, controlPlane(layout))
    for (const node of nodeNumbers(layout)) await bootNode(layout, { node, images: all })
    const cluster = builtCluster(layout, { images: all, dispose })
    await untilUsable(cluster, layout)
    return cluster
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Somebody who takes the cluster down where this process is killed. It outlives a Ctrl-C, which a whole terminal gets. */
function keepWatch(root: string): ChildProcessByStdio<Writable, null, null> {
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'keeper.ts'), root], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  keeper.unref()
  if (keeper.stdin instanceof Socket) keeper.stdin.unref()
  return keeper
}

async function bootNode(
  layout: Layout,
  { node, images }: { readonly node: number; readonly images: readonly string[] },
): Promise<void> {
  makeNodeGroup(layout.name, node)
  await switchOn(layout, nodeMachine({ layout, node, images }))
}

function builtCluster(
  layout: Layout,
  {
    images,
    dispose,
  }: { readonly images: readonly string[]; readonly dispose: () => Promise<void> },
): Cluster {
  const kubeconfig = join(layout.pki, 'admin.conf')
  const kubectlProgram = join(layout.bin, 'kubectl')
  const env = { ...process.env, KUBECACHEDIR: join(layout.run, 'kubecache') }
  const loaded = [...images]
  const kubectl = (args: readonly string[], input = ''): Promise<string> =>
    run(kubectlProgram, [`--kubeconfig=${kubeconfig}`, ...args], { env, input, timeoutMs: 300_000 })
  return {
    kind: 'built',
    kubeconfig,
    kubectlProgram,
    hostAddress: hostAddress(layout),
    kubectl: (...args) => kubectl(args),
    apply: (yaml, ...args) => kubectl(['apply', '-f', '-', ...args], yaml),
    loadImage: async (archive) => {
      loaded.push(archive)
      for (const node of nodeNumbers(layout)) await importImage(layout, node, archive)
    },
    faults: faultsOf(layout, loaded),
    auditLines: () =>
      createInterface({ input: createReadStream(join(layout.run, 'log', 'audit.log')) }),
    [Symbol.asyncDispose]: dispose,
  }
}

async function importImage(layout: Layout, node: number, archive: string): Promise<void> {
  await askContainerd(layout, node, ['images', 'import', archive])
}

async function askContainerd(
  { run: folder, bin, name }: Layout,
  node: number,
  question: readonly string[],
): Promise<void> {
  const root = `/proc/${initPid(folder, `${name}-n${node}`)}/root`
  const place = ['-a', `${root}/run/containerd/containerd.sock`, '-n', 'k8s.io']
  await run(join(bin, 'ctr'), [...place, ...question])
}

function faultsOf(layout: Layout, images: readonly string[]): Faults {
  const { run: folder, name } = layout
  return {
    cutPower: async (node) => {
      const other = nodeNumbers(layout).find((number) => number !== node)
      if (other !== undefined) await routeServices(layout, other)
      await switchOff(folder, nodeNamespace(layout, node))
      // Left-over groups would cost the next boot three seconds each.
      await removeGroups(`${name}/n${node}`)
    },
    boot: (node) => bootNode(layout, { node, images }),
    partition: (node) => setCable(layout, node, 'down'),
    heal: (node) => setCable(layout, node, 'up'),
    signalContainer: (node, id, signal) =>
      askContainerd(layout, node, ['tasks', 'kill', '--signal', signal, id]),
    stopControlPlane: () => switchOff(folder, name),
    startControlPlane: () => switchOn(layout, controlPlane(layout)),
  }
}

/** Ready is not enough: pods fit only once the not-ready taint is gone and service accounts are made. */
async function untilUsable(cluster: Cluster, layout: Layout): Promise<void> {
  const isUsable = async (): Promise<true | undefined> => {
    const nodes = JSON.parse(await cluster.kubectl('get', 'nodes', '-o', 'json'))
    const usable = nodes.items.filter(isReadyNode).length === layout.nodes
    if (!usable) return undefined
    await cluster.kubectl('get', 'serviceaccount', 'default', '-n', 'default')
    return true
  }
  await until(
    `${layout.nodes} nodes to be ready (logs: ${layout.run}/log and ${layout.run}/n*/log)`,
    isUsable,
    { withinMs: 120_000 },
  )
}

interface NodeObject {
  readonly spec: { readonly taints?: readonly unknown[] }
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[]
  }
}

function isReadyNode({ spec, status }: NodeObject): boolean {
  return (
    spec.taints === undefined &&
    status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  )
}
