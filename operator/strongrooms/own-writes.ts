/**
 * What this process wrote of each Strongroom last, and how far its order is since. Only one process writes what an order is decided from; so
 * whoever sees that very version in the cache sees the latest, and need not read it again. Whoever loses this memory reads, and takes the acts
 * again that were not written down.
 */

import { isDeepStrictEqual } from 'node:util'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { keyOf } from '#operator/kube/key.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import type { OrderState } from '#shared/acme/order-state.ts'

type Versioned = Pick<KubeObject, 'metadata'>

interface Ahead {
  /** As it is written down. */
  readonly written: OrderState | undefined
  readonly order: OrderState
}

export class OwnWrites {
  /** By `namespace/name`. */
  readonly #versions = new Map<string, string>()
  readonly #ahead = new Map<string, Ahead>()

  /** The object as it was stored. */
  note(stored: Versioned): void {
    const { resourceVersion } = stored.metadata
    if (resourceVersion !== undefined) this.#versions.set(keyOf(stored), resourceVersion)
  }

  isLatest(seen: Versioned): boolean {
    const { resourceVersion } = seen.metadata
    return resourceVersion !== undefined && this.#versions.get(keyOf(seen)) === resourceVersion
  }

  /** The order is further than what is written down of it. */
  goAhead(cluster: Versioned, ahead: Ahead): void {
    this.#ahead.set(keyOf(cluster), ahead)
  }

  /** The order as far as it is: where nobody else wrote since, and it is the one that is written down. */
  orderOf(cluster: Strongroom): OrderState | undefined {
    const order = cluster.status?.order
    const ahead = this.#ahead.get(keyOf(cluster))
    const isIts = isDeepStrictEqual(ahead?.written, order) && this.isLatest(cluster)
    return ahead !== undefined && isIts ? ahead.order : order
  }

  /** Something is made of the order: nothing of it is kept in mind any more. */
  end(cluster: Versioned): void {
    this.#ahead.delete(keyOf(cluster))
  }

  /** The Strongroom `namespace/name` is gone. */
  forget(key: string): void {
    this.#versions.delete(key)
    this.#ahead.delete(key)
  }
}
