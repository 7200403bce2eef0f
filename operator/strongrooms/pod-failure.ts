/** Why a member's pod does not run and will not until somebody acts: what kubelet, the scheduler and the StatefulSet's controller say of it. Pure. */
import type { Pod } from '#operator/admin/endpoint.ts'
import { unschedulableMs } from '#operator/limits.ts'
import type { Trouble } from './stages/user-certificate.ts'

export interface PodQuestion {
  readonly nowMs: number
  /** What members run where `spec.image` is taken out. */
  readonly recordedImage: string
}

/** Reasons of kubelet for a container that waits. */
const imageReasons = new Set([
  ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'],
  ...['ImageInspectError', 'RegistryUnavailable', 'SignatureValidationFailed'],
])
const containerReasons = new Set([
  ...['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'],
  ...['PreCreateHookError', 'PreStartHookError'],
])

/** Nothing for a pod that runs, starts, or crashes: of a crash its own last words tell. */
export function podFailure(pod: Pod, question: PodQuestion): Trouble | undefined {
  return containerFailure(pod, question) ?? schedulingFailure(pod, question)
}

function containerFailure(
  { metadata, status }: Pod,
  { recordedImage }: PodQuestion,
): Trouble | undefined {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting
  const reason = waiting?.reason ?? ''
  const said = `${metadata.name}: ${[reason, waiting?.message].filter((text) => text !== undefined).join(': ')}`
  if (imageReasons.has(reason))
    return {
      reason: 'ImageNotPulled',
      message: `${said}. Correct spec.image, or take it out: members then run ${recordedImage}`,
    }
  if (containerReasons.has(reason))
    return {
      reason: 'ContainerNotCreated',
      message: `${said}. Make what it lacks, or raise what spec.pod limits it to`,
    }
  return undefined
}

/** A cluster that adds nodes needs a moment for that. */
function schedulingFailure({ metadata, status }: Pod, { nowMs }: PodQuestion): Trouble | undefined {
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined
  if (nowMs < Date.parse(scheduled.lastTransitionTime ?? '') + unschedulableMs) return undefined
  return {
    reason: 'Unschedulable',
    message: `${metadata.name}: ${scheduled.message ?? 'no node takes it'}. Add or free a node, or change what spec.pod and spec.storage ask for`,
  }
}

/** @param refusal what the API server said when the pod was to be made */
export function podRefused(refusal: string): Trouble {
  return {
    reason: 'PodRefused',
    message: `No pod can be made: ${refusal}. Change what spec.pod asks for, or what refuses it: a quota, a policy, a priority class that is not there`,
  }
}
