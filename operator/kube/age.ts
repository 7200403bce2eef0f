/** Which of two objects is older: by creation, then by uid, so that everybody agrees. */
import type { KubeObject } from './kube.ts'

export function isEarlier(a: KubeObject, b: KubeObject): boolean {
  return ageKey(a) < ageKey(b)
}

function ageKey({ metadata }: KubeObject): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`
}
