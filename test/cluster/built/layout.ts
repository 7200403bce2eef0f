/**
 * Where everything of a built cluster is: names of its network namespaces, addresses, folders.
 *
 * Addresses come from 198.18.0.0/15 (RFC 2544: for tests, routed nowhere) and exist only in namespaces that the harness makes.
 */
import { join } from 'node:path'

export interface Layout {
  /** 1 to `clustersMax`: so many can stand side by side on one machine. */
  readonly id: number
  readonly nodes: number
  /** `src1`: network namespace of the control plane, also the name of this machine's end of the cable. */
  readonly name: string
  /** Its block of the range, a /18: `198.18` and 0, 64, 128 or 192, or the same under `198.19`. */
  readonly block: { readonly base: string; readonly from: number }
  readonly bin: string
  /** Folder of this cluster; gone after the end. */
  readonly run: string
  readonly pki: string
  /** Reads are in the audit log, too. */
  readonly auditsReads: boolean
}

export function layoutOf({
  id,
  nodes,
  bin,
  root,
  auditsReads = false,
}: {
  readonly id: number
  readonly nodes: number
  readonly bin: string
  readonly root: string
  readonly auditsReads?: boolean
}): Layout {
  const run = join(root, `cluster-${id}`)
  const block = { base: `198.${18 + Math.floor((id - 1) / 4)}`, from: ((id - 1) % 4) * 64 }
  return { id, nodes, name: `src${id}`, block, bin, run, pki: join(run, 'pki'), auditsReads }
}

export function nodeNumbers({ nodes }: Layout): readonly number[] {
  return Array.from({ length: nodes }, (_, index) => index + 1)
}

export const nodeNamespace = ({ name }: Layout, node: number): string => `${name}-n${node}`
export const apiAddress = (layout: Layout): string => address(layout, 0, 1)
export const hostAddress = (layout: Layout): string => address(layout, 0, 254)
export const nodeAddress = (layout: Layout, node: number): string => address(layout, 0, 10 + node)
export const podRange = (layout: Layout, node: number): string =>
  `${address(layout, 16 + node, 0)}/24`
export const allPods = (layout: Layout): string => `${address(layout, 16, 0)}/20`
export const serviceRange = (layout: Layout): string => `${address(layout, 32, 0)}/20`
export const firstServiceAddress = (layout: Layout): string => address(layout, 32, 1)
export const nodeFolder = ({ run }: Layout, node: number): string => join(run, `n${node}`)
/** All addresses that tests may use; what is not up is refused by this machine. */
export const wholeRange = '198.18.0.0/15'
export const clustersMax = 8

function address({ block: { base, from } }: Layout, third: number, last: number): string {
  return `${base}.${from + third}.${last}`
}
