/**
 * Conditions of a resource (metav1.Condition). A condition is never absent: what is not known yet is `Unknown`.
 * The time of transition moves only with the status.
 */

/** As it stands in status; its schema is in operator/api. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  /** The generation of the resource that was looked at. */
  readonly observedGeneration?: number
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

/** A condition before it knows its time. */
export interface Finding {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  /** One word for programs, e.g. `KeyMissing`. */
  readonly reason: string
  /** A sentence for people: what is, and what to do. */
  readonly message: string
}

export function isTrue(type: string, reason: string, message: string): Finding {
  return { type, status: 'True', reason, message }
}

export function isFalse(type: string, reason: string, message: string): Finding {
  return { type, status: 'False', reason, message }
}

export function isUnknown(type: string, reason: string, message: string): Finding {
  return { type, status: 'Unknown', reason, message }
}

export interface Observation {
  readonly generation: number
  readonly nowMs: number
}

/** The conditions to write: `findings` over those of before. */
export function conditionsFrom(
  findings: readonly Finding[],
  before: readonly Condition[],
  { generation, nowMs }: Observation,
): Condition[] {
  const now = new Date(nowMs).toISOString()
  return findings.map((finding) => {
    const earlier = before.find(({ type }) => type === finding.type)
    const same = earlier?.status === finding.status
    return {
      ...finding,
      message: bounded(finding.message),
      observedGeneration: generation,
      lastTransitionTime: same ? earlier.lastTransitionTime : now,
    }
  })
}

/** A status whose message is longer than its schema allows would not be written at all. */
function bounded(message: string): string {
  return message.length > messageMax ? `${message.slice(0, messageMax)}…` : message
}

/** Far below what metav1.Condition allows (32,768 characters), and more than anybody reads. */
const messageMax = 4_096

/**
 * The triad that `kubectl wait` and kstatus read. Exactly one of three holds: Ready, working on it (Reconciling), or stuck
 * until somebody acts (Stalled).
 */
export function triad(state: {
  readonly kind: 'ready' | 'working' | 'stalled'
  readonly reason: string
  readonly message: string
}): Finding[] {
  const { kind, reason, message } = state
  const holds = (type: string, when: typeof kind): Finding =>
    kind === when ? isTrue(type, reason, message) : isFalse(type, reason, message)
  return [holds('Ready', 'ready'), holds('Reconciling', 'working'), holds('Stalled', 'stalled')]
}
