/** Why no object of the servers is made: their image is from elsewhere, or a volume of another application bears the name of theirs. Pure. */
import type { Child } from '#operator/kube/apply.ts'
import { statefulSets } from '#operator/kube/kinds.ts'
import { annotation, label, managedBy } from '#operator/kube/labels.ts'
import { sourceOf } from '#operator/kube/marks.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import { imageRefusal } from '#operator/policy.ts'
import type { Observed } from '../observe.ts'
import type { Halt } from '../stage.ts'

export function objectsRefusal(observed: Observed): Halt | undefined {
  return imageRefused(observed) ?? volumeTaken(observed)
}

/** What runs already may go on, wherever the operator's image comes from now. */
function imageRefused({
  cluster,
  children,
  operatorImage,
  allowedImages,
}: Observed): Halt | undefined {
  const image = cluster.spec.image ?? cluster.status?.image
  if (image === undefined || image === runningImage(children)) return undefined
  const message = imageRefusal(image, { operatorImage, allowedImages })
  return message === undefined ? undefined : { kind: 'stalled', reason: 'ImageNotAllowed', message }
}

function runningImage(children: readonly Child[]): string | undefined {
  const set = children.find(({ kind }) => kind.kind === statefulSets.kind)?.object as
    | { readonly spec?: { readonly template?: { readonly spec?: PodImages } } }
    | undefined
  return set?.spec?.template?.spec?.containers?.[0]?.image
}

interface PodImages {
  readonly containers?: readonly { readonly image?: string }[]
}

/** A StatefulSet would mount a claim of the right name, whoever made it: servers never write into somebody else's volume. */
function volumeTaken({ cluster, children, volumes }: Observed): Halt | undefined {
  const isRunning = children.some(({ kind }) => kind.kind === statefulSets.kind)
  const theirs = volumes.find((volume) => !isOwn(volume, cluster))
  if (isRunning || theirs === undefined) return undefined
  const { name } = theirs.metadata
  return {
    kind: 'stalled',
    reason: 'VolumeOwnedByOther',
    message: `PersistentVolumeClaim "${name}" exists and was not made for this Strongroom: give the Strongroom another name. If it is its volume, put back by hand, say so with kubectl label pvc ${name} ${label.managedBy}=${managedBy} ${label.cluster}=${cluster.metadata.name} and kubectl annotate pvc ${name} ${annotation.source}=${sourceOf(cluster)}`,
  }
}
