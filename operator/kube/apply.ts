/**
 * Brings the children of a resource to what is desired: applies what differs, takes away what others added, deletes what is ours and no
 * longer wanted.
 *
 * A second run over an unchanged cluster sends no mutating request at all. A hash of what was wanted lies beside an object, so that a
 * field which is no longer wanted is noticed too: server-side apply then takes it away.
 */
import { createHash } from 'node:crypto'
import { covers } from './covers.ts'
import { foreignTo } from './foreign.ts'
import { type Kind, type KubeObject, refTo } from './kube.ts'
import { annotation } from './labels.ts'
import { applyOwn, deleteOwn, patchOwn, replaceOwn, type Writing } from './owned-writes.ts'
import { ownObject } from './ownership.ts'

export interface Child {
  readonly kind: Kind
  readonly object: KubeObject
}

export interface Applying extends Writing {
  readonly fieldManager: string
}

export interface Applied {
  readonly kind: string
  readonly name: string
  /** `repaired`: others had added something; `replaced`: others had made it immutable. */
  readonly did: Done | 'deleted'
  /** Where others had added something. */
  readonly foreign?: readonly string[]
}

type Done = 'applied' | 'repaired' | 'replaced'

/**
 * @param found what is there now and is ours, from the reflectors
 * @returns what was done
 */
export async function applyChildren(
  applying: Applying,
  { desired, found }: { readonly desired: readonly Child[]; readonly found: readonly Child[] },
): Promise<Applied[]> {
  const done: Applied[] = []
  for (const { kind, object } of desired) {
    const wanted = { kind, object: stamped(object) }
    const present = found.find((child) => isSame(child, wanted))?.object
    if (isWhole(present, wanted.object)) continue
    done.push(await applyWhole(applying, wanted, { present }))
  }
  for (const { kind, object } of found.filter(
    (child) => !desired.some((one) => isSame(child, one)),
  )) {
    await deleteOwn(applying, kind, object)
    done.push({ kind: kind.kind, name: object.metadata.name, did: 'deleted' })
  }
  return done
}

/**
 * Makes the object what is wanted and nothing else. Where none of ours is known to be there, it looks first. Throws `NameTaken` for
 * somebody else's.
 *
 * @param known `present`: as the cache has it. `uid`: of the object that was written before, whatever became of its marks
 */
export async function applyWhole(
  applying: Applying,
  { kind, object }: Child,
  known: { readonly present?: KubeObject | undefined; readonly uid?: string | undefined } = {},
): Promise<Applied> {
  const { kube, fieldManager } = applying
  const what = { kind: kind.kind, name: object.metadata.name }
  const knownUid = known.uid
  const there =
    known.present ??
    (knownUid === undefined
      ? await ownObject(applying, kind, refTo(object))
      : await kube.get(kind, refTo(object)))
  if (there !== undefined && isFrozen(there)) {
    await replaceOwn(applying, { kind, object }, { there, knownUid })
    return { ...what, did: 'replaced' }
  }
  const after = await applyOwn(applying, { kind, object, fieldManager }, { there, knownUid })
  const foreign = foreignTo(after, object)
  if (foreign === undefined) return { ...what, did: 'applied' }
  await patchOwn(applying, { kind, object: after }, foreign.patch)
  return { ...what, did: 'repaired', foreign: foreign.paths }
}

/** Is it what is wanted, with nothing added, and free to be changed? */
export function isWhole(present: KubeObject | undefined, wanted: KubeObject): boolean {
  return (
    present !== undefined &&
    !isFrozen(present) &&
    covers(present, wanted) &&
    foreignTo(present, wanted) === undefined
  )
}

/** Is what `applyChildren` would apply already so? */
export function isAsWanted(present: KubeObject | undefined, object: KubeObject): boolean {
  return isWhole(present, stamped(object))
}

function stamped(object: KubeObject): KubeObject {
  const hash = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16)
  const { metadata } = object
  const annotations = { ...metadata.annotations, [annotation.inputs]: hash }
  return { ...object, metadata: { ...metadata, annotations } }
}

/** A Secret or ConfigMap of ours that somebody made immutable: the API server takes no change to it. */
function isFrozen(object: KubeObject & { readonly immutable?: boolean }): boolean {
  return object.immutable === true
}

function isSame(a: Child, b: Child): boolean {
  return (
    a.kind.kind === b.kind.kind &&
    a.object.metadata.name === b.object.metadata.name &&
    a.object.metadata.namespace === b.object.metadata.namespace
  )
}
