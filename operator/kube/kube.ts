/**
 * The Kubernetes API as a port: eight verbs over plain objects.
 *
 * What a caller may assume. Writes are server-side apply under a named field manager, or a create that refuses to
 * overwrite. Conflicts, missing objects and refusals come as `KubeError` with the HTTP status. Nothing is cached here.
 */
import type { WatchEvent } from '#operator/runtime/reflector.ts'

/** A kind of object: how its path is made. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

/** Any object; what a kind holds besides stands in `operator/api`. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
}

/** Name and, where the kind has one, namespace. */
export interface Ref {
  readonly name: string
  readonly namespace?: string
}

/** Where a resource is, or something of that name beside it. */
export function refTo({ metadata }: Pick<KubeObject, 'metadata'>, name = metadata.name): Ref {
  const { namespace } = metadata
  return { name, ...(namespace === undefined ? {} : { namespace }) }
}

export interface Selection {
  /** Left out: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface List<T> {
  readonly items: readonly T[]
  readonly resourceVersion: string
}

export interface Kube {
  get<T extends KubeObject>(kind: Kind, ref: Ref): Promise<T | undefined>
  list<T extends KubeObject>(
    kind: Kind,
    selection: Selection,
    signal?: AbortSignal,
  ): Promise<List<T>>
  /** Events after `resourceVersion`, with bookmarks, until the server or the signal ends it. Throws `Gone` on 410. */
  watch<T extends KubeObject>(
    kind: Kind,
    selection: Selection & { readonly resourceVersion: string },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>
  /** Refuses (409) where the object exists. */
  create<T extends KubeObject>(kind: Kind, object: T): Promise<T>
  /** Server-side apply; takes over fields that another manager holds (`force`). */
  apply<T extends KubeObject>(kind: Kind, object: T, fieldManager: string): Promise<T>
  /** Server-side apply of `status`. */
  applyStatus<T extends KubeObject>(kind: Kind, object: T, fieldManager: string): Promise<T>
  /** JSON merge patch: for finalizers and annotations of objects that are not ours as a whole. */
  patch(kind: Kind, ref: Ref, patch: unknown): Promise<void>
  /** Missing is fine. With a uid only that very object. */
  delete(kind: Kind, ref: Ref & { readonly uid?: string }): Promise<void>
}

/** What the API server refused, in its words. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly status: number
  /** Machine-readable, e.g. `NotFound`, `Conflict`, `Forbidden`, `Invalid`. */
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409
}
