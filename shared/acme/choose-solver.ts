/** Which of several solvers proves a name: an ordered choice, pure. */
import { canonicalName, isAddress } from '#shared/pki/names.ts'
import type { ChallengeType } from './solver.ts'

/** What is known of a solver before it is made. Names in any form. */
export interface Selectable {
  readonly type: ChallengeType
  /** Exactly these names. With zones or names, the solver is for no others. */
  readonly dnsNames?: readonly string[] | undefined
  /** These zones and every name in them. */
  readonly dnsZones?: readonly string[] | undefined
}

/**
 * Of those that may prove the name by a challenge that the CA offers: the one that names it exactly, then the one with the longest zone
 * that it lies in, then one without selector; among equals the first. A wildcard (`*.`) is proven by DNS alone
 * (RFC 8555 section 7.1.3), an address never by DNS (RFC 8738 section 7).
 */
export function chooseSolver<T extends Selectable>(
  solvers: readonly T[],
  name: string,
  offered: readonly string[],
): T | undefined {
  let best: { readonly solver: T; readonly rank: number } | undefined
  for (const solver of solvers) {
    if (!offered.includes(solver.type) || !canProve(solver.type, name)) continue
    const rank = rankOf(solver, name)
    if (rank > (best?.rank ?? noMatch)) best = { solver, rank }
  }
  return best?.solver
}

const noMatch = -1
const noSelector = 0
/** Above the length of every zone. */
const exact = 1_000

function canProve(type: ChallengeType, name: string): boolean {
  if (name.startsWith('*.')) return type === 'dns-01'
  return !isAddress(canonicalName(name)) || type !== 'dns-01'
}

function rankOf({ dnsNames = [], dnsZones = [] }: Selectable, name: string): number {
  if (dnsNames.length === 0 && dnsZones.length === 0) return noSelector
  const wanted = canonicalName(name)
  const plain = wanted.replace(/^\*\./, '')
  const names = dnsNames.map(canonicalName)
  if (names.includes(wanted) || names.includes(plain)) return exact
  const zones = dnsZones.map(canonicalName)
  const lengths = zones.filter((zone) => isIn(plain, zone)).map((zone) => zone.length)
  return Math.max(noMatch, ...lengths)
}

function isIn(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}
