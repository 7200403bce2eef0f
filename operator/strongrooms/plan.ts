/**
 * Observed → Plan. Reads as the list of stages: each looks at what is there, says what to do, what it found, and whether the
 * next stage may be looked at. Pure: the time is in what was observed.
 */

import type { StrongroomStatus } from '#operator/api/strongroom.ts'
import type { Child } from '#operator/kube/apply.ts'
import type { Finding } from '#operator/kube/conditions.ts'
import type { Observed } from './observe.ts'
import { certificatesStage } from './stages/certificates.ts'
import { deletionStage } from './stages/deletion.ts'
import { keysStage } from './stages/keys.ts'
import { membersStage } from './stages/members.ts'
import { objectsStage } from './stages/objects.ts'
import { storeStage } from './stages/store.ts'

/** Certificates that the operator makes for a cluster. */
export type Purpose = 'client-authority' | 'server-authority' | 'operator' | 'internal' | 'public'

export type Step =
  /** Makes the master key Secret; fails where it exists. */
  | { readonly kind: 'make-master-key' }
  /** Makes or renews a certificate and its Secret. */
  | { readonly kind: 'issue'; readonly purpose: Purpose; readonly why: string }
  /** Takes the user's certificate over into the Secret that pods mount. */
  | { readonly kind: 'take-over'; readonly data: Readonly<Record<string, string>> }
  /** Writes a ConfigMap of public certificates. */
  | {
      readonly kind: 'publish'
      readonly name: string
      readonly data: Readonly<Record<string, string>>
    }
  | { readonly kind: 'apply'; readonly desired: readonly Child[]; readonly found: readonly Child[] }
  /** Tells kubelet to look at the mounted Secrets of a pod at once. */
  | { readonly kind: 'nudge'; readonly pod: string; readonly mounted: string }
  | { readonly kind: 'grow-volume'; readonly name: string; readonly size: string }
  | { readonly kind: 'delete-volume'; readonly name: string; readonly uid: string }
  | { readonly kind: 'delete-children'; readonly found: readonly Child[] }
  | { readonly kind: 'add-finalizer' }
  | { readonly kind: 'remove-finalizer' }

/** What one stage makes of it. */
export interface StageResult {
  readonly steps: readonly Step[]
  readonly findings: readonly Finding[]
  /** Fields of status that the stage knows. */
  readonly status?: Partial<StrongroomStatus>
  /** What is waited for or stuck; nothing: the next stage is looked at. */
  readonly halt?: Halt
  /** When to look again without an event, as milliseconds since 1970. */
  readonly againAtMs?: number
}

export interface Halt {
  readonly kind: 'working' | 'stalled'
  readonly reason: string
  readonly message: string
}

export type Stage = (observed: Observed) => StageResult

/** In this order. A stage that halts keeps the later ones from being looked at. */
export const stages: readonly Stage[] = [
  deletionStage,
  keysStage,
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
  return {
    steps: results.flatMap(({ steps }) => steps),
    findings: results.flatMap(({ findings }) => findings),
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
