/**
 * Where everything of a built cluster is: names of its network namespaces, addresses, folders.
 *
 * Addresses come from 198.18.0.0/15 (RFC 2544: for tests, routed nowhere) and exist only in namespaces that the harness makes.
 */
import { join } from 'node:path'

export interface Layout {
  /** 1 or 2: two clusters can stand side by side. */
  readonly id: number
  readonly nodes: number
  /** `src1`: network namespace of the control plane, also the name of this machine's end of the cable. */
  readonly name: string
  /** `198.18`. */
  readonly base: string
  readonly bin: string
  /** Folder of this cluster; gone after the end. */
  readonly run: string
  readonly pki: string
}

export function layoutOf({
  id,
  nodes,
  bin,
  root,
}: {
  readonly id: number
  readonly nodes: number
  readonly bin: string
  readonly root: string
}): Layout {
  const run = join(root, `cluster-${id}`)
  return { id, nodes, name: `src${id}`, base: `198.${17 + id}`, bin, run, pki: join(run, 'pki') }
}

export function nodeNumbers({ nodes }: Layout): readonly number[] {
  return Array.from({ length: nodes }, (_, index) => index + 1)
}

export const nodeNamespace = ({ name }: Layout, node: number): string => `${name}-n${node}`
export const apiAddress = ({ base }: Layout): string => `${base}.0.1`
export const hostAddress = ({ base }: Layout): string => `${base}.0.254`
export const nodeAddress = ({ base }: Layout, node: number): string => `${base}.0.${10 + node}`
export const podRange = ({ base }: Layout, node: number): string => `${base}.${64 + node}.0/24`
export const serviceRange = ({ base }: Layout): string => `${base}.128.0/20`
export const firstServiceAddress = ({ base }: Layout): string => `${base}.128.1`
export const nodeFolder = ({ run }: Layout, node: number): string => join(run, `n${node}`)
/** All addresses that tests may use; what is not up is refused by this machine. */
export const wholeRange = '198.18.0.0/15'
