/**
 * Whose an object is: the one decision that every change and every deletion passes (`owned-writes.ts`).
 *
 * An object that goes with its resource names it as its controller. One that outlives it (keys, certificates, volumes) bears kind, name
 * and UID in annotations; what an earlier resource of the same kind and name left may be taken over.
 */
import type { Kind, Kube, KubeObject, OwnerReference, Ref } from './kube.ts'
import { annotation, label, managedBy, prefix } from './labels.ts'
import { controllerOf, sourceOf } from './marks.ts'

/** The resource that objects are made for. */
export interface Owner extends KubeObject {
  readonly status?:
    | { readonly masterKeys?: readonly unknown[]; readonly [field: string]: unknown }
    | undefined
}

export type Standing =
  /** Made for this very resource. */
  | 'ours'
  /** Left by an earlier resource of the same kind and name: may be taken over. */
  | 'left'
  /** Goes with an earlier resource of the same kind and name, which is being collected. */
  | 'going'
  /** Anybody else's. */
  | 'foreign'

/** Somebody else's object bears the name of one of ours. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
}

/** The decision that every change and every deletion passes. Pure. */
export function standingOf(object: KubeObject, owner: Owner): Standing {
  const { labels = {}, namespace } = object.metadata
  const isLabelled = labels[label.managedBy] === managedBy && namespace === owner.metadata.namespace
  if (!isLabelled || isOfAnotherCluster(labels, owner)) return 'foreign'
  const controller = controllerOf(object)
  return controller === undefined ? byMarks(object, owner) : byController(controller, owner)
}

function byController(controller: OwnerReference, owner: Owner): Standing {
  if (controller.uid === owner.metadata.uid) return 'ours'
  return isNamedLike(controller, owner) ? 'going' : 'foreign'
}

function byMarks(
  { metadata: { labels = {}, annotations = {} } }: KubeObject,
  owner: Owner,
): Standing {
  const { [annotation.source]: source, [annotation.ownerUid]: uid } = annotations
  if (source === undefined) return isUnmarked(labels, owner) ? 'left' : 'foreign'
  if (source !== sourceOf(owner)) return 'foreign'
  return uid !== undefined && uid === owner.metadata.uid ? 'ours' : 'left'
}

/** True for what was made for this resource, or left by an earlier one of its name. */
export function isOwn(object: KubeObject | undefined, owner: Owner): boolean {
  return object !== undefined && ['ours', 'left'].includes(standingOf(object, owner))
}

/** True for what the operator made for any other resource. */
export function isMadeForAnother(object: KubeObject | undefined, owner: Owner): boolean {
  const isMade = object?.metadata.labels?.[label.managedBy] === managedBy
  return isMade && !isOwn(object, owner)
}

/** Throws `NameTaken` for what may not be changed. */
export function demandOwn(object: KubeObject, kind: Kind, owner: Owner): Standing {
  const standing = standingOf(object, owner)
  const { name } = object.metadata
  if (standing === 'going')
    throw new NameTaken(
      `${kind.kind} "${name}" belongs to an earlier ${sourceOf(owner)}, with which it is being deleted: it is made anew after that`,
    )
  if (standing === 'foreign')
    throw new NameTaken(
      `${kind.kind} "${name}" exists and was not made for ${sourceOf(owner)}: delete or rename it, or give the ${owner.kind} another name`,
    )
  return standing
}

function isOfAnotherCluster(
  { [label.cluster]: cluster }: Readonly<Record<string, string>>,
  { kind, metadata }: KubeObject,
): boolean {
  return kind === 'Strongroom' && cluster !== undefined && cluster !== metadata.name
}

function isNamedLike(reference: OwnerReference, { kind, metadata }: KubeObject): boolean {
  const isOfOurGroup = reference.apiVersion.startsWith(`${prefix}/`)
  return isOfOurGroup && reference.kind === kind && reference.name === metadata.name
}

/** Claims, and objects of a Strongroom from before its marks were written: its labels alone say so, once its keys are on record. */
function isUnmarked(
  labels: Readonly<Record<string, string>>,
  { kind, metadata, status }: Owner,
): boolean {
  const isEstablished = (status?.masterKeys ?? []).length > 0
  const isComponent = ['trust', 'server'].includes(labels[label.component] ?? '')
  return (
    kind === 'Strongroom' && isEstablished && isComponent && labels[label.cluster] === metadata.name
  )
}

/** The object of that name as it is now, read and not from the cache. Throws `NameTaken` where it is somebody else's. */
export async function ownObject<T extends KubeObject>(
  { kube, owner }: { readonly kube: Kube; readonly owner: Owner },
  kind: Kind,
  ref: Ref,
): Promise<T | undefined> {
  const there = await kube.get<T>(kind, ref)
  if (there !== undefined) demandOwn(there, kind, owner)
  return there
}
