/** Do two permissions speak of the same subject on the same cluster? */
import type { StrongroomPermission } from '#operator/api/permission.ts'

export function isSameSubject(a: StrongroomPermission, b: StrongroomPermission): boolean {
  return a.spec.clusterRef.name === b.spec.clusterRef.name && subjectKey(a) === subjectKey(b)
}

/** `certificate/shop`, `secret/x`, `thumbprint/…`, `pin/…`. */
export function subjectKey({ spec: { subject } }: StrongroomPermission): string {
  if (subject.certificateRef !== undefined) return `certificate/${subject.certificateRef.name}`
  if (subject.secretRef !== undefined) return `secret/${subject.secretRef.name}`
  if (subject.thumbprint !== undefined) return `thumbprint/${subject.thumbprint}`
  return `pin/${subject.publicKeyPin ?? ''}`
}
