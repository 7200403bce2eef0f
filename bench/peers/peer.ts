/** What the bench measures: a server that answers get and put of documents of 1 KB, however it is spoken to. */
import type { LoadResult } from '../load.ts'
import type { Footprint, What } from '../ratios.ts'

export interface Peer {
  readonly name: string
  readonly whats: readonly What[]
  run(what: What, connections: number, seconds: number): Promise<LoadResult>
}

/** One running process and the peers that are measured on it. */
export interface PeerServer {
  readonly peers: readonly Peer[]
  readonly footprint?: Footprint
  close(): Promise<void>
}

/** Settings that every peer shares. */
export interface Means {
  /** Folder for whatever a peer keeps; removed at the end. */
  readonly folder: string
  readonly documents: number
  readonly vegeta: string | undefined
}

/** Seconds of load before the measured ones: code gets compiled, caches fill. */
export const warmUpSeconds = 1

/** A document of exactly 1,024 bytes of JSON, incompressible. */
export function document(n: number): string {
  const head = `{"Name":"n${n}","Number":${n},"@metadata":{"@collection":"Bench"},"Text":"`
  let text = ''
  for (let state = n + 1; text.length < 1100; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += state.toString(36)
  }
  return `${head}${text.slice(0, 1024 - head.length - 2)}"}`
}
