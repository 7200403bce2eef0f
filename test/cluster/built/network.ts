/** The cables: a bridge in the cluster's own namespace joins control plane, nodes and this machine. */
import { run, succeeds } from '../run.ts'
import {
  apiAddress,
  hostAddress,
  type Layout,
  nodeAddress,
  nodeNamespace,
  nodeNumbers,
  podRange,
  serviceRange,
  wholeRange,
} from './layout.ts'

const ip = (...args: readonly string[]): Promise<string> => run('ip', args)

export async function layCables(layout: Layout): Promise<void> {
  const { name } = layout
  // Nothing for a cluster that is down may leave the machine.
  await ip('route', 'replace', 'unreachable', wholeRange)
  await ip('netns', 'add', name)
  await ip('-n', name, 'link', 'set', 'lo', 'up')
  await ip('-n', name, 'link', 'add', 'br0', 'type', 'bridge')
  await ip('-n', name, 'addr', 'add', `${apiAddress(layout)}/24`, 'dev', 'br0')
  await ip('-n', name, 'link', 'set', 'br0', 'up')
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'host', 'netns', name)
  await ip('-n', name, 'link', 'set', 'host', 'master', 'br0', 'up')
  await ip('addr', 'add', `${hostAddress(layout)}/24`, 'dev', name)
  await ip('link', 'set', name, 'up')
  await routeServices(layout, 1)
  for (const node of nodeNumbers(layout)) await connectNode(layout, node)
}

/** This machine and the control plane reach Services through one node; a test that cuts it names another first. */
export async function routeServices(layout: Layout, node: number): Promise<void> {
  const route = ['route', 'replace', serviceRange(layout), 'via', nodeAddress(layout, node)]
  await ip(...route)
  await ip('-n', layout.name, ...route)
}

async function connectNode(layout: Layout, node: number): Promise<void> {
  const { name } = layout
  const own = nodeNamespace(layout, node)
  await ip('netns', 'add', own)
  await ip('-n', own, 'link', 'set', 'lo', 'up')
  await ip(
    '-n',
    name,
    'link',
    'add',
    `n${node}`,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    own,
  )
  await ip('-n', name, 'link', 'set', `n${node}`, 'master', 'br0', 'up')
  await ip('-n', own, 'addr', 'add', `${nodeAddress(layout, node)}/24`, 'dev', 'eth0')
  await ip('-n', own, 'link', 'set', 'eth0', 'up')
  await ip('-n', own, 'route', 'add', 'default', 'via', apiAddress(layout))
  const pods = ['route', 'add', podRange(layout, node), 'via', nodeAddress(layout, node)]
  await ip(...pods)
  await ip('-n', name, ...pods)
  for (const other of nodeNumbers(layout).filter((number) => number !== node)) {
    await ip('-n', own, 'route', 'add', podRange(layout, other), 'via', nodeAddress(layout, other))
  }
}

export async function setCable(layout: Layout, node: number, state: 'up' | 'down'): Promise<void> {
  await ip('-n', layout.name, 'link', 'set', `n${node}`, state)
}

/** Takes away every cable and namespace of a cluster of this name, also those that a crash left. */
export async function removeCables({ name }: Pick<Layout, 'name'>): Promise<void> {
  await succeeds('ip', ['link', 'del', name])
  const all = (await ip('netns', 'list')).split('\n').map((line) => line.split(' ')[0] ?? '')
  for (const namespace of all.filter((one) => one === name || one.startsWith(`${name}-n`)))
    await succeeds('ip', ['netns', 'del', namespace])
  const isLast = !all.some(
    (one) => /^src\d/.test(one) && one !== name && !one.startsWith(`${name}-n`),
  )
  if (isLast) await succeeds('ip', ['route', 'del', 'unreachable', wholeRange])
}
