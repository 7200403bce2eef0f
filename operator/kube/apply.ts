/**
 * Brings the children of a resource to what is desired: applies what differs, deletes what is ours and no longer wanted.
 *
 * A second run over an unchanged cluster sends no mutating request at all: an object is applied only where a field that we
 * set is not already so.
 */
import type { Kind, Kube, KubeObject } from './kube.ts'

export interface Child {
  readonly kind: Kind
  readonly object: KubeObject
}

export interface Applied {
  readonly kind: string
  readonly name: string
  readonly did: 'applied' | 'deleted'
}

/**
 * @param found what is there now, by `kind/name`, from the reflectors
 * @returns what was done
 */
export async function applyChildren(
  kube: Kube,
  fieldManager: string,
  { desired, found }: { readonly desired: readonly Child[]; readonly found: readonly Child[] },
): Promise<Applied[]> {
  const done: Applied[] = []
  for (const { kind, object } of desired) {
    const present = found.find((child) => isSame(child, { kind, object }))
    if (present !== undefined && covers(present.object, object)) continue
    await kube.apply(kind, object, fieldManager)
    done.push({ kind: kind.kind, name: object.metadata.name, did: 'applied' })
  }
  for (const stray of found.filter((child) => !desired.some((wanted) => isSame(child, wanted)))) {
    const { name, namespace, uid } = stray.object.metadata
    await kube.delete(stray.kind, {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    })
    done.push({ kind: stray.kind.kind, name, did: 'deleted' })
  }
  return done
}

function isSame(a: Child, b: Child): boolean {
  return (
    a.kind.kind === b.kind.kind &&
    a.object.metadata.name === b.object.metadata.name &&
    a.object.metadata.namespace === b.object.metadata.namespace
  )
}

/**
 * True where every field of `wanted` is in `present` with the same value. Fields that others set, or that the API server
 * defaulted, do not count. Lists must have the same length, and their items are compared in order.
 */
export function covers(present: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(present) &&
      present.length === wanted.length &&
      wanted.every((item, index) => covers(present[index], item))
    )
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof present !== 'object' || present === null) return isEmpty(wanted)
    return Object.entries(wanted).every(([key, value]) =>
      covers((present as Record<string, unknown>)[key], value),
    )
  }
  return present === wanted || (wanted === undefined && present === undefined)
}

/** The API server leaves out empty objects and lists. */
function isEmpty(value: object): boolean {
  return Object.values(value).every((inner) => inner === undefined)
}
