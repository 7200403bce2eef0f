/** Stage: may the Secrets be used that the resource names? One that may not is mounted in no pod and taken over from nowhere. */
import { secretNotAllowed } from '#operator/kube/user-secrets.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'

export function secretsStage({ secretRefused: message }: Observed): StageResult {
  if (message === undefined) return { steps: [], findings: [] }
  return { steps: [], findings: [], halt: { kind: 'stalled', reason: secretNotAllowed, message } }
}
