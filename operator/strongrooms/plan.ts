/**
 * Observed → Plan. Reads as the list of stages: each looks at what is there, says what to do, what it found, and whether the
 * next stage may be looked at. Pure: the time is in what was observed.
 */

import type { StrongroomStatus } from '#operator/api/strongroom.ts'
import type { Finding } from '#operator/kube/conditions.ts'
import type { Observed } from './observe.ts'
import type { Passed } from './orders/scene.ts'
import type { Halt, Stage, StageResult, Step } from './stage.ts'
import { certificatesStage } from './stages/certificates.ts'
import { deletionStage } from './stages/deletion.ts'
import { keysStage } from './stages/keys.ts'
import { marksStage } from './stages/marks.ts'
import { membersStage } from './stages/members.ts'
import { objectsStage } from './stages/objects.ts'
import { schemaStage } from './stages/schema.ts'
import { secretsStage } from './stages/secrets.ts'
import { storeStage } from './stages/store.ts'
import { untilWritten } from './unserved.ts'

/** In this order. A stage that halts keeps the later ones from being looked at. */
export const stages: readonly Stage[] = [
  deletionStage,
  schemaStage,
  secretsStage,
  keysStage,
  marksStage,
  certificatesStage,
  objectsStage,
  membersStage,
  storeStage,
]

export interface Plan {
  readonly steps: readonly Step[]
  readonly findings: readonly Finding[]
  readonly status: Partial<StrongroomStatus>
  readonly halt: Halt | undefined
  readonly againAtMs: number | undefined
  /** What came of ordering, after the plan was carried out; left out: as status says already. */
  readonly ordering?: Pick<Passed, 'order' | 'certificate'>
}

export function plan(observed: Observed): Plan {
  if (
    observed.cluster.spec.suspend === true &&
    observed.cluster.metadata.deletionTimestamp === undefined
  )
    return suspended
  const results: StageResult[] = []
  for (const stage of stages) {
    const result = stage(observed)
    results.push(result)
    if (result.halt !== undefined) break
  }
  const times = results.flatMap(({ againAtMs }) => againAtMs ?? [])
  const steps = results.flatMap((result) => result.steps)
  const findings = results.flatMap((result) => result.findings)
  return {
    steps,
    findings: untilWritten(findings, steps),
    status: Object.assign({}, ...results.map(({ status }) => status ?? {})),
    halt: results.at(-1)?.halt,
    againAtMs: times.length === 0 ? undefined : Math.min(...times),
  }
}

const suspended: Plan = {
  steps: [],
  findings: [],
  status: {},
  halt: {
    kind: 'stalled',
    reason: 'Suspended',
    message: 'spec.suspend is true: nothing is changed until it is false',
  },
  againAtMs: undefined,
}
