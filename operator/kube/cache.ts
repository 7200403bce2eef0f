/**
 * What the operator has seen of the cluster: one reflector for each watched kind and namespace. Reads cost no request.
 *
 * Secrets are watched by label: those that users and other programs made are not in here, and are read one by one.
 */
import { Absent, Reflector, type ReflectorMeans, type Source } from '#operator/runtime/reflector.ts'
import {
  type Kind,
  type Kube,
  KubeError,
  type KubeObject,
  type Ref,
  type Selection,
} from './kube.ts'
import { label } from './labels.ts'

export interface Watched {
  readonly kind: Kind
  readonly labelSelector?: string
  /** Parts of its objects that nobody reads: they are not kept. */
  readonly without?: readonly string[]
  /**
   * Of a program that may not be installed: that the kind is missing is no failure, and nobody waits for it. Whether it came is
   * seen by asking for its objects again, which needs no right beyond reading them (one to watch definitions would hold for
   * the whole cluster).
   */
  readonly isOptional?: boolean
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
  readonly #optional: ReadonlySet<string>

  constructor(
    kube: Kube,
    { watched, namespaces, heard = () => undefined }: Watching,
    means: ReflectorMeans,
  ) {
    const places = namespaces.length === 0 ? [''] : namespaces
    this.#optional = new Set(
      watched.filter(({ isOptional }) => isOptional === true).map(({ kind }) => kind.kind),
    )
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
                clusterOf,
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

  /** All of a kind with the label of a Strongroom, whoever made them. */
  ofCluster<T extends KubeObject>(kind: Kind, { name, namespace }: Ref): readonly T[] {
    const found = this.#place(kind, namespace)?.ofGroup(`${namespace}/${name}`) ?? []
    return found as unknown as readonly T[]
  }

  onObject<T extends KubeObject>(kind: Kind, listener: (object: T) => void): void {
    for (const reflector of this.#reflectors.get(kind.kind)?.values() ?? [])
      reflector.onObject((object) => listener(object as unknown as T))
  }

  /** Does an optional kind exist? Nothing until the API server has said so or otherwise. */
  isPresent(kind: Kind, namespace: string | undefined): boolean | undefined {
    return this.#place(kind, namespace)?.isPresent
  }

  /** Told of each namespace (`''`: all) in which an optional kind was found, or went. */
  onPresence(kind: Kind, listener: (namespace: string, isPresent: boolean) => void): void {
    for (const [place, reflector] of this.#reflectors.get(kind.kind) ?? [])
      reflector.onPresence((isPresent) => listener(place, isPresent))
  }

  /** Resolves when everything that is not optional has been listed once. */
  async synced(): Promise<void> {
    const awaited = [...this.#reflectors].filter(([kind]) => !this.#optional.has(kind))
    await Promise.all(
      awaited.flatMap(([, places]) => [...places.values()].map((one) => one.synced)),
    )
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

function clusterOf({ metadata: { namespace, labels } }: KubeObject): string | undefined {
  const cluster = labels?.[label.cluster]
  return cluster === undefined ? undefined : `${namespace}/${cluster}`
}

function sourceOf(
  kube: Kube,
  { kind, labelSelector, without = [], isOptional = false }: Watched,
  namespace: string,
): Source<Seen<KubeObject>> {
  const selection: Selection = {
    ...(namespace === '' ? {} : { namespace }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  }
  const source: Source<Seen<KubeObject>> = {
    list: async (signal) => {
      const { items, resourceVersion } = await kube.list<Seen<KubeObject>>(kind, selection, signal)
      return { items: items.map((item) => lean(item, without)), resourceVersion }
    },
    watch: async function* (resourceVersion, signal) {
      const from = { ...selection, resourceVersion }
      for await (const event of kube.watch<Seen<KubeObject>>(kind, from, signal))
        yield event.type === 'BOOKMARK' ? event : { ...event, object: lean(event.object, without) }
    },
  }
  return isOptional ? absentWhereRefused(source) : source
}

/** Who set which field is for the API server to know, and takes as much as the object itself. */
function lean<T extends KubeObject>(object: T, without: readonly string[]): T {
  const kept = Object.entries(object).filter(([name]) => !without.includes(name))
  const metadata = Object.entries(object.metadata).filter(([name]) => name !== 'managedFields')
  const slim = { ...Object.fromEntries(kept), metadata: Object.fromEntries(metadata) }
  return slim as unknown as T
}

/** Without the definition the path is unknown (404); where the right to it was taken from the operator, that is refused first (403). */
function absentWhereRefused<T>(source: Source<T>): Source<T> {
  const orAbsent = (error: unknown): never => {
    const isRefused = error instanceof KubeError && [403, 404].includes(error.status)
    throw isRefused ? new Absent(error.message) : error
  }
  return {
    list: (signal) => source.list(signal).catch(orAbsent),
    watch: async function* (resourceVersion, signal) {
      try {
        yield* source.watch(resourceVersion, signal)
      } catch (error) {
        orAbsent(error)
      }
    },
  }
}

/** The same source; `heard` is told of every answer, also of that there is nothing to list. */
function overheard<T>(source: Source<T>, heard: () => void): Source<T> {
  return {
    list: async (signal) => {
      try {
        const found = await source.list(signal)
        heard()
        return found
      } catch (error) {
        if (error instanceof Absent) heard()
        throw error
      }
    },
    watch: async function* (resourceVersion, signal) {
      for await (const event of source.watch(resourceVersion, signal)) {
        heard()
        yield event
      }
    },
  }
}
