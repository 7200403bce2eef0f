/**
 * Stage: is it being deleted? With `Retain` the volumes stay and are found again by a cluster of the same name; with `Delete`
 * they go. Key Secrets and authorities are never deleted by us. The finalizer goes when nothing is left to undo.
 */
import { finalizer } from '#operator/kube/labels.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'

export function deletionStage({ cluster, volumes: seen, children }: Observed): StageResult {
  // What only bears the name of a volume of ours is somebody else's.
  const volumes = seen.filter((volume) => isOwn(volume, cluster))
  const isDeleting = cluster.metadata.deletionTimestamp !== undefined
  const isHeld = cluster.metadata.finalizers?.includes(finalizer) === true
  const isDelete = cluster.spec.deletionPolicy === 'Delete'
  if (!isDeleting)
    return {
      steps: isDelete === isHeld ? [] : [{ kind: isDelete ? 'add-finalizer' : 'remove-finalizer' }],
      findings: [],
    }
  return {
    steps: isHeld ? removal({ volumes, children, isDelete }) : [],
    findings: [],
    halt: {
      kind: 'working',
      reason: 'Deleting',
      message: isDelete
        ? 'The servers and their volumes are being deleted'
        : 'The servers are being deleted, their volumes stay',
    },
  }
}

/** Pods first: a volume in use would stay until its pod is gone anyway. */
function removal({
  volumes,
  children,
  isDelete,
}: Pick<Observed, 'volumes' | 'children'> & { readonly isDelete: boolean }): StageResult['steps'] {
  if (!isDelete || (volumes.length === 0 && children.length === 0))
    return [{ kind: 'remove-finalizer' }]
  if (children.length > 0) return [{ kind: 'delete-children', found: children }]
  return volumes.map(({ metadata }) => ({ kind: 'delete-volume', name: metadata.name }) as const)
}
