/**
 * What the operator has seen of the cluster: one reflector for each watched kind and namespace. Reads cost no request.
 *
 * Secrets are watched by label: those that users and other programs made are not in here, and are read one by one.
 */
import { Reflector, type ReflectorMeans, type Source } from '#operator/runtime/reflector.ts'
import type { Kind, Kube, KubeObject, Ref, Selection } from './kube.ts'

export interface Watched {
  readonly kind: Kind
  readonly labelSelector?: string
}

export interface Watching {
  readonly watched: readonly Watched[]
  /** Those that are watched; none = all. */
  readonly namespaces: readonly string[]
  /** Told of each list, event and bookmark, with kind and namespace (`''`: all). */
  readonly heard?: (kind: string, namespace: string) => void
}

/** An object as the API server gives it out: it always has a version. */
export type Seen<T extends KubeObject> = T & {
  readonly metadata: T['metadata'] & { readonly resourceVersion: string }
}

export class Cache {
  /** By kind, then by namespace (`''` = all). */
  readonly #reflectors: ReadonlyMap<string, ReadonlyMap<string, Reflector<Seen<KubeObject>>>>

  constructor(
    kube: Kube,
    { watched, namespaces, heard = () => undefined }: Watching,
    means: ReflectorMeans,
  ) {
    const places = namespaces.length === 0 ? [''] : namespaces
    this.#reflectors = new Map(
      watched.map((what) => [
        what.kind.kind,
        new Map(
          places.map((place) => {
            const source = sourceOf(kube, what, place)
            return [
              place,
              new Reflector(
                overheard(source, () => heard(what.kind.kind, place)),
                means,
              ),
            ]
          }),
        ),
      ]),
    )
  }

  get<T extends KubeObject>(kind: Kind, { name, namespace }: Ref): T | undefined {
    const key = namespace === undefined ? name : `${namespace}/${name}`
    return this.#place(kind, namespace)?.get(key) as T | undefined
  }

  /** All of a kind in a namespace, or everywhere that is watched. */
  list<T extends KubeObject>(kind: Kind, namespace?: string): readonly T[] {
    const reflectors =
      namespace === undefined
        ? [...(this.#reflectors.get(kind.kind)?.values() ?? [])]
        : [this.#place(kind, namespace)]
    const all = reflectors.flatMap((reflector) => reflector?.all() ?? []) as unknown as readonly T[]
    return namespace === undefined
      ? all
      : all.filter((object) => object.metadata.namespace === namespace)
  }

  onObject<T extends KubeObject>(kind: Kind, listener: (object: T) => void): void {
    for (const reflector of this.#reflectors.get(kind.kind)?.values() ?? [])
      reflector.onObject((object) => listener(object as unknown as T))
  }

  /** Resolves when everything has been listed once. */
  async synced(): Promise<void> {
    await Promise.all(this.#all().map((reflector) => reflector.synced))
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all().map((reflector) => reflector.run(signal)))
  }

  #place(kind: Kind, namespace: string | undefined): Reflector<Seen<KubeObject>> | undefined {
    const places = this.#reflectors.get(kind.kind)
    return places?.get(namespace ?? '') ?? places?.get('')
  }

  #all(): readonly Reflector<Seen<KubeObject>>[] {
    return [...this.#reflectors.values()].flatMap((places) => [...places.values()])
  }
}

function sourceOf(
  kube: Kube,
  { kind, labelSelector }: Watched,
  namespace: string,
): Source<Seen<KubeObject>> {
  const selection: Selection = {
    ...(namespace === '' ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  }
  return {
    list: (signal) => kube.list<Seen<KubeObject>>(kind, selection, signal),
    watch: (resourceVersion, signal) =>
      kube.watch<Seen<KubeObject>>(kind, { ...selection, resourceVersion }, signal),
  }
}

/** The same source; `heard` is told of every answer. */
function overheard<T>(source: Source<T>, heard: () => void): Source<T> {
  return {
    list: async (signal) => {
      const found = await source.list(signal)
      heard()
      return found
    },
    watch: async function* (resourceVersion, signal) {
      for await (const event of source.watch(resourceVersion, signal)) {
        heard()
        yield event
      }
    },
  }
}
