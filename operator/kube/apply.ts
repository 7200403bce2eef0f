/**
 * Brings the children of a resource to what is desired: applies what differs, deletes what is ours and no longer wanted.
 *
 * A second run over an unchanged cluster sends no mutating request at all: an object is applied only where a field that we
 * set is not already so. A hash of what was wanted lies beside it, so that a field which is no longer wanted is noticed too:
 * server-side apply then takes it away.
 */
import { createHash } from 'node:crypto'
import { covers } from './covers.ts'
import { type Kind, type Kube, type KubeObject, refTo } from './kube.ts'
import { annotation, isSameOwner } from './labels.ts'

export interface Child {
  readonly kind: Kind
  readonly object: KubeObject
}

export interface Applied {
  readonly kind: string
  readonly name: string
  readonly did: 'applied' | 'deleted'
}

/** Somebody else's object bears the name of one of ours. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
}

/**
 * @param found what is there now and is ours, from the reflectors
 * @returns what was done
 */
export async function applyChildren(
  kube: Kube,
  fieldManager: string,
  { desired, found }: { readonly desired: readonly Child[]; readonly found: readonly Child[] },
): Promise<Applied[]> {
  const done: Applied[] = []
  for (const { kind, object } of desired) {
    const wanted = { kind, object: stamped(object) }
    const present = found.find((child) => isSame(child, wanted))
    if (present !== undefined && covers(present.object, wanted.object)) continue
    await applyOwn(kube, fieldManager, { ...wanted, isThere: present !== undefined })
    done.push({ kind: kind.kind, name: object.metadata.name, did: 'applied' })
  }
  for (const stray of found.filter((child) => !desired.some((wanted) => isSame(child, wanted)))) {
    const { name, uid } = stray.object.metadata
    await kube.delete(stray.kind, {
      ...refTo(stray.object),
      ...(uid === undefined ? {} : { uid }),
    })
    done.push({ kind: stray.kind.kind, name, did: 'deleted' })
  }
  return done
}

/**
 * Applies an object that carries the labels of its cluster. Where none of ours is known to be there, it looks first: what
 * bears the name and is not ours is never taken over (`NameTaken`).
 */
export async function applyOwn(
  kube: Kube,
  fieldManager: string,
  { kind, object, isThere }: Child & { readonly isThere: boolean },
): Promise<void> {
  if (!isThere) await ownObject(kube, { kind, object })
  await kube.apply(kind, object, fieldManager)
}

/** The object of that name as it is now, read and not from the cache; fails with `NameTaken` where it is somebody else's. */
export async function ownObject(
  kube: Kube,
  { kind, object }: Child,
): Promise<KubeObject | undefined> {
  const there = await kube.get(kind, refTo(object))
  if (there === undefined || isSameOwner(there, object)) return there
  throw new NameTaken(
    `${kind.kind} "${object.metadata.name}" exists and was not made for this cluster: delete or rename it, or give the Strongroom another name`,
  )
}

/** Is what `applyChildren` would apply already so? */
export function isAsWanted(present: KubeObject | undefined, object: KubeObject): boolean {
  return present !== undefined && covers(present, stamped(object))
}

function stamped(object: KubeObject): KubeObject {
  const hash = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16)
  const { metadata } = object
  const annotations = { ...metadata.annotations, [annotation.inputs]: hash }
  return { ...object, metadata: { ...metadata, annotations } }
}

function isSame(a: Child, b: Child): boolean {
  return (
    a.kind.kind === b.kind.kind &&
    a.object.metadata.name === b.object.metadata.name &&
    a.object.metadata.namespace === b.object.metadata.namespace
  )
}
