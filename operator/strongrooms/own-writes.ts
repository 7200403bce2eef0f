/**
 * What this process wrote of each Strongroom last, and how far its order is since. Only one process writes what an order is decided from; so
 * whoever sees that very version in the cache sees the latest, and need not read it again. Whoever loses this memory reads, and takes the acts
 * again that were not written down.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import type { OrderState } from '#shared/acme/order-state.ts'

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
  note({ metadata }: Pick<KubeObject, 'metadata'>): void {
    const { resourceVersion } = metadata
    if (resourceVersion !== undefined) this.#versions.set(keyOf(metadata), resourceVersion)
  }

  isLatest({ metadata }: Pick<KubeObject, 'metadata'>): boolean {
    const { resourceVersion } = metadata
    return resourceVersion !== undefined && this.#versions.get(keyOf(metadata)) === resourceVersion
  }

  /** The order is further than what is written down of it. */
  goAhead({ metadata }: Pick<KubeObject, 'metadata'>, ahead: Ahead): void {
    this.#ahead.set(keyOf(metadata), ahead)
  }

  /** The order as far as it is: where nobody else wrote since, and it is the one that is written down. */
  orderOf(cluster: Strongroom): OrderState | undefined {
    const order = cluster.status?.order
    const ahead = this.#ahead.get(keyOf(cluster.metadata))
    const isIts = isDeepStrictEqual(ahead?.written, order) && this.isLatest(cluster)
    return ahead !== undefined && isIts ? ahead.order : order
  }

  /** Something is made of the order: nothing of it is kept in mind any more. */
  end({ metadata }: Pick<KubeObject, 'metadata'>): void {
    this.#ahead.delete(keyOf(metadata))
  }

  /** The Strongroom `namespace/name` is gone. */
  forget(key: string): void {
    this.#versions.delete(key)
    this.#ahead.delete(key)
  }
}

function keyOf({ namespace, name }: KubeObject['metadata']): string {
  return `${namespace}/${name}`
}
