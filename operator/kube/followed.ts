/**
 * Secrets of users, watched one by one: those that a resource names, for as long as it names them. What is in them is read when
 * it is needed; here only that something changed is noticed.
 */
import { Reflector, type ReflectorMeans, type Source } from '#operator/runtime/reflector.ts'
import type { Seen } from './cache.ts'
import { secrets } from './kinds.ts'
import type { Kube, KubeObject } from './kube.ts'

/** The Secrets that the owner (`namespace/name`) names now; those that it no longer names are let go. */
export type Follow = (owner: string, names: readonly (string | undefined)[]) => void

export interface Following {
  readonly follow: Follow
  /** Watches nothing any more. */
  close(): void
}

export interface FollowingMeans extends ReflectorMeans {
  readonly kube: Kube
  /** Called with the owner's key whenever one of its Secrets appeared, changed or vanished. */
  readonly wake: (owner: string) => void
}

export function following(means: FollowingMeans): Following {
  /** By owner, then by `namespace/name`. */
  const watches = new Map<string, Map<string, AbortController>>()
  const letGo = (owner: string, keep: ReadonlySet<string>): void => {
    const own = watches.get(owner)
    for (const [key, stop] of own ?? []) {
      if (keep.has(key)) continue
      stop.abort()
      own?.delete(key)
    }
    if (own?.size === 0) watches.delete(owner)
  }
  return {
    follow: (owner, names) => {
      const [namespace = ''] = owner.split('/')
      const wanted = new Map(
        names.flatMap((name) =>
          name === undefined ? [] : [[`${namespace}/${name}`, name] as const],
        ),
      )
      letGo(owner, new Set(wanted.keys()))
      const own = watches.get(owner) ?? new Map<string, AbortController>()
      if (wanted.size > 0) watches.set(owner, own)
      for (const [key, name] of wanted) {
        if (!own.has(key)) own.set(key, watch(means, { namespace, name, owner }))
      }
    },
    close: () => {
      for (const owner of [...watches.keys()]) letGo(owner, new Set())
    },
  }
}

interface Watch {
  readonly namespace: string
  readonly name: string
  readonly owner: string
}

function watch(means: FollowingMeans, { namespace, name, owner }: Watch): AbortController {
  const stop = new AbortController()
  const reflector = new Reflector(
    sourceOf(means.kube, { namespace, fieldSelector: `metadata.name=${name}` }),
    means,
  )
  reflector.onObject(() => means.wake(owner))
  void reflector.run(stop.signal)
  return stop
}

function sourceOf(
  kube: Kube,
  selection: { readonly namespace: string; readonly fieldSelector: string },
): Source<Seen<KubeObject>> {
  return {
    list: (signal) => kube.list<Seen<KubeObject>>(secrets, selection, signal),
    watch: (resourceVersion, signal) =>
      kube.watch<Seen<KubeObject>>(secrets, { ...selection, resourceVersion }, signal),
  }
}
