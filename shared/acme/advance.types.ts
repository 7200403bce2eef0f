/** What goes into one step of an order, and what comes out of it: see advance.ts. */
import type { AcmeOrders } from './acme-api.ts'
import type { OrderState } from './order-state.ts'
import type { Solver } from './solver.ts'

export interface Wish {
  /** DNS names (also `*.` ones), lower case, and IP addresses; the first one matters most. */
  readonly names: readonly string[]
  readonly profile?: string | undefined
  /** Common name of an issuer in the chain that is preferred, where the CA offers several. */
  readonly preferredChain?: string | undefined
  /** `certificateId()` of the certificate that is to be replaced. */
  readonly replaces?: string | undefined
  /** Life of the present certificate, from which waits after failures are made; nothing before the first one. */
  readonly lifeMs?: number | undefined
  /**
   * What people did about this order last, e.g. a hash over the settings by which it is made, at most 64 characters. Another one ends a
   * wait: whoever mended something is not made to wait for the next try. Where a CA said when it may be asked again, that holds.
   */
  readonly occasion?: string | undefined
}

export interface Means {
  readonly api: AcmeOrders
  /** The solver for a name (with `*.` where it is for a wildcard) among the challenge types that the CA offers for it. */
  readonly solverFor: (name: string, offered: readonly string[]) => Solver | undefined
  /** The request in DER, made from the staged key and the wish's names. */
  readonly csr: () => Promise<Uint8Array>
  /** Why the chain (PEM, the leaf first) that came is not accepted, in words: see accept.ts. */
  readonly accept: (chain: string) => string | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
  /** Shared by all orders of one account key. Nothing: no bound. */
  readonly limiter?: OrderLimiter | undefined
  /** Ends the act; the state stays what it was. */
  readonly signal?: AbortSignal | undefined
}

/** Milliseconds until one more of `count` may be done; 0: it may, and is counted. */
export interface OrderLimiter {
  take(kind: 'order' | 'challenge', count: number): number
}

export interface Advanced {
  readonly state: OrderState
  /** The state is to be written down before the next act; else it may be, and whoever is killed takes this act again. */
  readonly mustBeKept: boolean
  /** The act that was taken, e.g. `new-order`; `wait` where it was not time yet. */
  readonly act: string
  /** When to come again, milliseconds since 1970; now or earlier means at once. */
  readonly againAt: number
  /** PEM chain, the leaf first: accepted, and the end. Once it is written down, the state may be forgotten. */
  readonly issued?: string | undefined
}
