/**
 * The Kubernetes API as a map: for unit tests of what stands on the port. What it promises is what the contract suite checks,
 * on it and on a real API server.
 */
import { randomUUID } from 'node:crypto'
import {
  type Kind,
  type Kube,
  KubeError,
  type KubeObject,
  type List,
  type Ref,
  type Selection,
} from '#operator/kube/kube.ts'
import { Gone, type WatchEvent } from '#operator/runtime/reflector.ts'

interface Stored {
  readonly kind: Kind
  readonly object: KubeObject
}

interface Change {
  readonly version: number
  readonly kind: string
  readonly event: WatchEvent<KubeObject>
}

export class FakeKube implements Kube {
  readonly #objects = new Map<string, Stored>()
  readonly #changes: Change[] = []
  readonly #waiters = new Set<() => void>()
  readonly #undefined = new Set<string>()
  #version = 100
  #forgottenBefore = 0
  /** Every object that was asked for, as `Kind name`. */
  readonly reads: string[] = []
  /** Every mutating call, as `verb Kind name`. */
  readonly writes: string[] = []
  /** Thrown once by the next call whose `verb Kind name` starts with the key. */
  readonly failures = new Map<string, Error>()

  async get<T extends KubeObject>(kind: Kind, ref: Ref): Promise<T | undefined> {
    this.reads.push(`${kind.kind} ${ref.name}`)
    this.#maybeFail(`get ${kind.kind} ${ref.name}`)
    if (this.#undefined.has(kind.kind)) return undefined
    return structuredClone(this.#objects.get(keyOf(kind, ref))?.object) as T | undefined
  }

  async list<T extends KubeObject>(kind: Kind, selection: Selection): Promise<List<T>> {
    this.#maybeFail(`list ${kind.kind}`)
    this.#mustBeDefined(kind)
    const items = [...this.#objects.values()].filter(
      (stored) => stored.kind.kind === kind.kind && isSelected(stored.object, selection),
    )
    return {
      items: structuredClone(items.map(({ object }) => object)) as T[],
      resourceVersion: String(this.#version),
    }
  }

  async *watch<T extends KubeObject>(
    kind: Kind,
    selection: Selection & { readonly resourceVersion: string },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>> {
    let seen = Number(selection.resourceVersion)
    if (seen < this.#forgottenBefore) throw new Gone()
    while (!signal.aborted) {
      this.#mustBeDefined(kind)
      const change = this.#changes.find(({ version }) => version > seen)
      if (change === undefined) {
        await this.#change(signal)
        continue
      }
      seen = change.version
      const { event } = change
      if (
        change.kind !== kind.kind ||
        event.type === 'BOOKMARK' ||
        !isSelected(event.object, selection)
      )
        continue
      yield structuredClone(event) as WatchEvent<T>
    }
  }

  async create<T extends KubeObject>(kind: Kind, object: T): Promise<T> {
    this.#write('create', kind, object.metadata)
    const key = keyOf(kind, object.metadata)
    if (this.#objects.has(key))
      throw new KubeError(
        409,
        'AlreadyExists',
        `${kind.kind} "${object.metadata.name}" already exists`,
      )
    return this.#store(kind, object, 'ADDED') as T
  }

  async apply<T extends KubeObject>(kind: Kind, object: T): Promise<T> {
    this.#write('apply', kind, object.metadata)
    const before = this.#objects.get(keyOf(kind, object.metadata))?.object
    const { uid } = object.metadata
    if (uid !== undefined && uid !== before?.metadata.uid)
      throw new KubeError(409, 'Conflict', 'the uid is another')
    return this.#store(
      kind,
      merge(before ?? {}, object) as T,
      before === undefined ? 'ADDED' : 'MODIFIED',
    ) as T
  }

  async applyStatus<T extends KubeObject>(kind: Kind, object: T): Promise<T> {
    this.#write('status', kind, object.metadata)
    const before = this.#existing(kind, object.metadata)
    const { status } = object as { readonly status?: unknown }
    return this.#store(kind, { ...before, status } as unknown as T, 'MODIFIED') as T
  }

  async patch(kind: Kind, ref: Ref, patch: unknown): Promise<void> {
    this.#write('patch', kind, ref)
    const before = this.#existing(kind, ref)
    const { metadata } = patch as { readonly metadata?: { readonly resourceVersion?: string } }
    if (
      metadata?.resourceVersion !== undefined &&
      metadata.resourceVersion !== before.metadata.resourceVersion
    ) {
      throw new KubeError(409, 'Conflict', 'the object has been modified')
    }
    const after = merge(before, patch) as KubeObject
    const isGoing =
      after.metadata.deletionTimestamp !== undefined &&
      (after.metadata.finalizers ?? []).length === 0
    if (isGoing) this.#remove(kind, after)
    else this.#store(kind, after, 'MODIFIED')
  }

  async delete(kind: Kind, ref: Ref & { readonly uid?: string }): Promise<void> {
    if (this.#undefined.has(kind.kind)) return
    this.#write('delete', kind, ref)
    const object = this.#objects.get(keyOf(kind, ref))?.object
    if (object === undefined) return
    if (ref.uid !== undefined && ref.uid !== object.metadata.uid)
      throw new KubeError(409, 'Conflict', 'the uid is another')
    if ((object.metadata.finalizers ?? []).length === 0) this.#remove(kind, object)
    else
      this.#store(
        kind,
        merge(object, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }) as KubeObject,
        'MODIFIED',
      )
  }

  /** Takes the definition of a kind away, and with it every object of it. */
  undefine(kind: Kind): void {
    for (const stored of [...this.#objects.values()])
      if (stored.kind.kind === kind.kind) this.#remove(kind, stored.object)
    this.#undefined.add(kind.kind)
    for (const wake of this.#waiters) wake()
  }

  /** Installs the definition of a kind that was taken away. */
  define(kind: Kind): void {
    this.#undefined.delete(kind.kind)
  }

  /** Forgets the history: watches from before get `Gone`. */
  compact(): void {
    this.#forgottenBefore = this.#version
    this.#changes.length = 0
  }

  #mustBeDefined({ kind }: Kind): void {
    if (this.#undefined.has(kind)) throw new KubeError(404, 'Unknown', '404 page not found')
  }

  #existing(kind: Kind, ref: Ref): KubeObject {
    const found = this.#objects.get(keyOf(kind, ref))?.object
    if (found === undefined)
      throw new KubeError(404, 'NotFound', `${kind.kind} "${ref.name}" not found`)
    return found
  }

  #store(kind: Kind, object: KubeObject, type: 'ADDED' | 'MODIFIED'): KubeObject {
    this.#version += 1
    const before = this.#objects.get(keyOf(kind, object.metadata))?.object as
      | (KubeObject & { readonly spec?: unknown })
      | undefined
    const isSpecChanged =
      JSON.stringify(before?.spec) !== JSON.stringify((object as { readonly spec?: unknown }).spec)
    const stored = {
      ...structuredClone(object),
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      metadata: {
        ...structuredClone(object.metadata),
        uid: before?.metadata.uid ?? randomUUID(),
        creationTimestamp:
          before?.metadata.creationTimestamp ??
          new Date(Date.UTC(2026, 0, 1) + this.#version * 1000).toISOString(),
        generation: (before?.metadata.generation ?? 0) + (isSpecChanged ? 1 : 0),
        resourceVersion: String(this.#version),
      },
    }
    this.#objects.set(keyOf(kind, object.metadata), { kind, object: stored })
    this.#tell(kind, { type, object: stored })
    return structuredClone(stored)
  }

  #remove(kind: Kind, object: KubeObject): void {
    this.#version += 1
    this.#objects.delete(keyOf(kind, object.metadata))
    this.#tell(kind, {
      type: 'DELETED',
      object: {
        ...object,
        metadata: { ...object.metadata, resourceVersion: String(this.#version) },
      },
    })
  }

  #tell(kind: Kind, event: WatchEvent<KubeObject>): void {
    this.#changes.push({ version: this.#version, kind: kind.kind, event })
    for (const wake of this.#waiters) wake()
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiters.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  #write(verb: string, kind: Kind, { name }: Ref): void {
    const call = `${verb} ${kind.kind} ${name}`
    this.#maybeFail(call)
    this.#mustBeDefined(kind)
    this.writes.push(call)
  }

  #maybeFail(call: string): void {
    for (const [start, error] of this.failures) {
      if (!call.startsWith(start)) continue
      this.failures.delete(start)
      throw error
    }
  }
}

function keyOf({ kind, namespaced }: Kind, { name, namespace }: Ref): string {
  return `${kind} ${namespaced ? `${namespace ?? ''}/` : ''}${name}`
}

function isSelected(
  object: KubeObject,
  { namespace, labelSelector, fieldSelector }: Selection,
): boolean {
  const { metadata } = object
  const isHere = namespace === undefined || metadata.namespace === namespace
  const isLabelled = (labelSelector?.split(',') ?? []).every(
    (pair) => metadata.labels?.[pair.split('=')[0] ?? ''] === pair.split('=')[1],
  )
  const isPicked = (fieldSelector?.split(',') ?? []).every((pair) => {
    const [path = '', value] = pair.split('=')
    return fieldOf(object, path.split('.')) === value
  })
  return isHere && isLabelled && isPicked
}

function fieldOf(value: unknown, path: readonly string[]): unknown {
  return path.reduce((one, name) => (one as Record<string, unknown> | undefined)?.[name], value)
}

/** JSON merge patch (RFC 7396). */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else if (value !== undefined) result[key] = merge(result[key], value)
  }
  return result
}
