/** From what was measured of the operator and of cert-manager to rows of ratios: bigger is better. */
import { median, type Row } from '../ratios.ts'

/** Seconds, megabytes and calls; each list holds one figure for each round. */
export interface Figures {
  /** From `kubectl apply` of one more certificate to its Secret: several in a round, since making an RSA key takes as long as it takes. */
  readonly secretWritten: readonly number[]
  readonly idleMb: number
  /** After the certificates of all rounds and `manyCertificates` more. */
  readonly laterMb: number
  /** Requests that change something, in a minute without a change; renewals of the lease aside. */
  readonly idleWrites: number
}

export interface OwnFigures extends Figures {
  readonly ready: readonly number[]
  readonly served: readonly number[]
  readonly refused: readonly number[]
  readonly again: readonly number[]
  /** All calls to the API server in that minute, renewals of the lease and reads included. */
  readonly idleCalls: number
}

export const manyCertificates = 20
export const certificatesPerRound = 5
const readySecondsMax = 15
const peer = 'cert-manager'

export function rowsOf(ours: OwnFigures, theirs: Figures | undefined): Row[] {
  const goal = row('quickstart Ready after kubectl apply', `${readySecondsMax} s`, {
    ours: median(ours.ready),
    theirs: readySecondsMax,
  })
  if (theirs === undefined) return [goal]
  return [
    goal,
    row('Secret written after kubectl apply', peer, {
      ours: median(ours.secretWritten),
      theirs: median(theirs.secretWritten),
    }),
    row('memory idle', peer, { ours: ours.idleMb, theirs: theirs.idleMb }),
    row('memory after more certificates', peer, { ours: ours.laterMb, theirs: theirs.laterMb }),
    // None at all is the best: one is added on both sides.
    row('changes to the API server idle, 1 added', peer, {
      ours: ours.idleWrites + 1,
      theirs: theirs.idleWrites + 1,
    }),
  ]
}

/** Figures without a peer, as lines for people. */
export function linesOf(ours: OwnFigures): string[] {
  const seconds = (name: string, list: readonly number[]): string =>
    `${name}: ${list.map((one) => one.toFixed(2)).join(', ')} s`
  return [
    seconds('kubectl apply of the quickstart → all Ready', ours.ready),
    seconds("Secret of a user's certificate changed → served", ours.served),
    seconds('permission deleted → next request refused', ours.refused),
    seconds('pod killed → serving again', ours.again),
    seconds('certificate applied → Secret written', ours.secretWritten),
    `operator memory: ${ours.idleMb} MB idle, ${ours.laterMb} MB after ${manyCertificates} more certificates`,
    `operator calls to the API server in an idle minute: ${ours.idleCalls}, of which ${ours.idleWrites} change something (the lease aside)`,
  ]
}

function row(
  what: string,
  against: string,
  { ours, theirs }: { readonly ours: number; readonly theirs: number },
): Row {
  return { what, peer: against, ratio: Number((theirs / ours).toFixed(2)), floor: 1, goal: null }
}
