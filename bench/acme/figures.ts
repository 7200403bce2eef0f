/** From what both took to rows of ratios: bigger is better. */
import { median, type Row } from '../ratios.ts'
import type { Effort } from './effort.ts'

/** Of one round. */
export interface Pair {
  readonly ours: Effort
  readonly theirs: Effort
}

const peer = 'cert-manager'
const none = { floor: null, goal: null } as const

/** 500 certificates without challenges. */
export function instantRows(rounds: readonly Pair[]): Row[] {
  return [
    row('certificates: time', rounds, { of: 'seconds', floor: 2, goal: 5 }),
    row('certificates: CPU of the controller', rounds, { of: 'cpuSeconds', ...none }),
    row('certificates: peak memory', rounds, { of: 'peakMb', floor: 1, goal: 2 }),
    row('certificates: memory afterwards', rounds, { of: 'restMb', ...none }),
    row('certificates: calls to the API server', rounds, { of: 'calls', ...none }),
    row('certificates: changes to the API server', rounds, { of: 'changes', ...none }),
    row('certificates: orders at the CA', rounds, { of: 'orders', floor: 1, goal: null }),
  ]
}

/** Some by DNS-01. */
export function dnsRows(rounds: readonly Pair[]): Row[] {
  return [
    row('DNS-01: time', rounds, { of: 'seconds', floor: 2, goal: 5 }),
    row('DNS-01: orders at the CA', rounds, { of: 'orders', floor: 1, goal: null }),
  ]
}

/** What was done, by whom, and all that was measured. */
export function lineOf(what: string, effort: Effort): string {
  const { seconds, cpuSeconds, peakMb, restMb, calls, changes, orders } = effort
  return `${what} in ${seconds.toFixed(1)} s; ${cpuSeconds.toFixed(1)} s of CPU, ${peakMb} MB at most, ${restMb} MB afterwards, ${calls} calls to the API server of which ${changes} change something, ${orders} orders`
}

/** The median over the rounds, each compared within itself. */
function row(
  what: string,
  rounds: readonly Pair[],
  { of, floor, goal }: { readonly of: keyof Effort } & Pick<Row, 'floor' | 'goal'>,
): Row {
  const ratio = median(rounds.map(({ ours, theirs }) => theirs[of] / ours[of]))
  return { what, peer, ratio: Number(ratio.toFixed(2)), floor, goal }
}
