/** How many objects are through, as the API server tells of every change: asking it again and again would take from what is measured. */
import { kubeconfigAccess } from '#operator/kube/access.ts'
import type { Seen } from '#operator/kube/cache.ts'
import { HttpsKube } from '#operator/kube/https-kube.ts'
import type { Kind, KubeObject } from '#operator/kube/kube.ts'
import { Reflector } from '#operator/runtime/reflector.ts'
import { systemTimers } from '#shared/timers.ts'
import type { Task } from './task.ts'

export interface Progress extends AsyncDisposable {
  /** So many are through now. */
  count(): number
}

/** Of the kind, in the task's namespace. Resolves once it is followed. */
export async function progressOf<T extends KubeObject>(
  { cluster, namespace }: Pick<Task, 'cluster' | 'namespace'>,
  kind: Kind,
  isThrough: (object: T) => boolean,
): Promise<Progress> {
  const kube = new HttpsKube(kubeconfigAccess(cluster.kubeconfig))
  const through = new Set<string>()
  const reflector = new Reflector<Seen<T>>(
    {
      list: (signal) => kube.list(kind, { namespace }, signal),
      watch: (resourceVersion, signal) => kube.watch(kind, { namespace, resourceVersion }, signal),
    },
    {
      ...{ timers: systemTimers, random: Math.random, backoff: { firstMs: 100, mostMs: 1_000 } },
      ...{ idleMs: hourMs, resyncMs: hourMs, failed: () => undefined },
    },
  )
  reflector.onObject((object) => {
    if (isThrough(object)) through.add(object.metadata.name)
  })
  const end = new AbortController()
  const ended = reflector.run(end.signal)
  await reflector.synced
  return {
    count: () => through.size,
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await ended
      kube.close()
    },
  }
}

const hourMs = 3_600_000
