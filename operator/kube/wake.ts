/** Which keys of a controller an event of the cluster concerns. */

import type { WorkQueue } from '#operator/runtime/queue.ts'
import type { Cache } from './cache.ts'
import { keyOf } from './key.ts'
import { secrets } from './kinds.ts'
import type { Kind, KubeObject } from './kube.ts'
import { annotation } from './labels.ts'
import type { Secret } from './secret.ts'

export interface Waking {
  readonly cache: Cache
  readonly queue: WorkQueue
}

/** Each resource of the kind wakes with itself. */
export function wakeWithItself({ cache, queue }: Waking, kind: Kind): void {
  cache.onObject<KubeObject>(kind, (resource) => queue.add(keyOf(resource)))
}

/** A resource of the kind wakes with the Secrets that were made for it. */
export function wakeWithSecrets({ cache, queue }: Waking, kind: Kind): void {
  cache.onObject<Secret>(secrets, (object) => wakeSource({ queue }, kind, object))
}

/** Wakes the resource of the kind that the object was made for. */
export function wakeSource(
  { queue }: Pick<Waking, 'queue'>,
  kind: Kind,
  { metadata }: KubeObject,
): void {
  const [sourceKind, name] = metadata.annotations?.[annotation.source]?.split('/') ?? []
  if (sourceKind === kind.kind) queue.add(`${metadata.namespace}/${name}`)
}

/** Wakes those resources of the kind in a namespace that the event concerns. */
export function wakeWhere<T extends KubeObject>(
  { cache, queue }: Waking,
  { kind, namespace }: { readonly kind: Kind; readonly namespace: string | undefined },
  concerns: (resource: T) => boolean,
): void {
  for (const resource of cache.list<T>(kind, namespace))
    if (concerns(resource)) queue.add(keyOf(resource))
}
