/**
 * Every write to an object that is made for a resource. Nothing is changed or deleted here that does not carry the marks of that
 * resource: our label, and its UID. What an earlier resource of the same kind and name left is taken over first, by writing the new UID.
 */
import { isConflict, type Kind, type Kube, KubeError, type KubeObject, refTo } from './kube.ts'
import { controllerOf, marked, marksOf } from './marks.ts'
import { demandOwn, type Owner, standingOf } from './ownership.ts'

export interface Writing {
  readonly kube: Kube
  /** Whose objects are written. */
  readonly owner: Owner
}

/** What there is of an object before it is written. */
interface Present {
  readonly there: KubeObject | undefined
  /** Of the object that was written by us, which is ours whatever became of its marks. */
  readonly knownUid?: string | undefined
}

/** @returns nothing where an object of that name is there already, whoever made it: it stays as it is */
export async function createOwn<T extends KubeObject>(
  { kube, owner }: Writing,
  kind: Kind,
  object: T,
): Promise<T | undefined> {
  try {
    return await kube.create(kind, marked(object, owner))
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
}

/** Server-side apply of an object of ours. A conflict (409) where another object took its place meanwhile. Throws `NameTaken`. */
export async function applyOwn<T extends KubeObject>(
  { kube, owner }: Writing,
  {
    kind,
    object,
    fieldManager,
  }: { readonly kind: Kind; readonly object: T; readonly fieldManager: string },
  { there, knownUid }: Present,
): Promise<T> {
  const wanted = marked(object, owner)
  if (there === undefined) return kube.apply(kind, wanted, fieldManager)
  const uid = uidOfOwn(there, { kind, owner, knownUid })
  // With a uid the API server takes it for that very object alone.
  return kube.apply(kind, { ...wanted, metadata: { ...wanted.metadata, uid } }, fieldManager)
}

/** An object of ours that was made immutable gives way to a new one. Throws `NameTaken`. */
export async function replaceOwn<T extends KubeObject>(
  { kube, owner }: Writing,
  { kind, object }: { readonly kind: Kind; readonly object: T },
  { there, knownUid }: Present & { readonly there: KubeObject },
): Promise<T> {
  const uid = uidOfOwn(there, { kind, owner, knownUid })
  await kube.delete(kind, { ...refTo(there), uid })
  return kube.create(kind, marked(object, owner))
}

/** JSON merge patch of an object of ours as it was read or seen: a conflict (409) where it changed since. Throws `NameTaken`. */
export async function patchOwn(
  { kube, owner }: Writing,
  { kind, object }: { readonly kind: Kind; readonly object: KubeObject },
  patch: { readonly metadata?: object; readonly [field: string]: unknown },
): Promise<void> {
  const standing = demandOwn(object, kind, owner)
  const { resourceVersion } = object.metadata
  const given = patch.metadata as { readonly annotations?: object } | undefined
  const taken =
    standing === 'left' ? { annotations: { ...given?.annotations, ...marksOf(owner) } } : {}
  const metadata = {
    ...given,
    ...taken,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
  await kube.patch(kind, refTo(object), { ...patch, metadata })
}

/** What an earlier resource left becomes this one's, by its UID. */
async function takeOver(writing: Writing, kind: Kind, object: KubeObject): Promise<void> {
  if (demandOwn(object, kind, writing.owner) === 'left')
    await patchOwn(writing, { kind, object }, {})
}

/** Deletes that very object, never another of its name. Throws `NameTaken`. */
export async function deleteOwn(writing: Writing, kind: Kind, object: KubeObject): Promise<void> {
  try {
    await takeOver(writing, kind, object)
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return
    throw error
  }
  const { uid } = object.metadata
  await writing.kube.delete(kind, { ...refTo(object), ...(uid === undefined ? {} : { uid }) })
}

/**
 * JSON merge patch of a pod that the StatefulSet of the resource made. Nothing is done where it is another's.
 *
 * @param set the StatefulSet as it was seen
 */
export async function patchPodOf(
  { kube, owner }: Writing,
  {
    kind,
    pod,
    set,
  }: { readonly kind: Kind; readonly pod: KubeObject; readonly set: KubeObject | undefined },
  patch: unknown,
): Promise<void> {
  const isTheirs = set === undefined || standingOf(set, owner) !== 'ours'
  if (isTheirs || controllerOf(pod)?.uid !== set.metadata.uid) return
  await kube.patch(kind, refTo(pod), patch)
}

function uidOfOwn(
  there: KubeObject,
  {
    kind,
    owner,
    knownUid,
  }: { readonly kind: Kind; readonly owner: Owner; readonly knownUid: string | undefined },
): string {
  const { uid = '' } = there.metadata
  if (knownUid === undefined || knownUid !== uid) demandOwn(there, kind, owner)
  return uid
}
