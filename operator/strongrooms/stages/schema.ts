/** Stage: does the resource fit its schema? What was stored before the schema was as it is may not, and nothing is made of it. */
import { schemaTrouble } from '#operator/api/kind.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import type { Observed } from '../observe.ts'
import type { StageResult } from '../stage.ts'

export function schemaStage({ cluster }: Observed): StageResult {
  const trouble = schemaTrouble(strongrooms, cluster)
  if (trouble === undefined) return { steps: [], findings: [] }
  const message = `The resource does not fit its schema: ${trouble}`
  return { steps: [], findings: [], halt: { kind: 'stalled', reason: 'InvalidSpec', message } }
}
