/** From measurements of one run to rows of ratios: ours against each peer, bigger is better. */

export type What = 'get' | 'put'

/** One run of load on one peer. */
export interface Sample {
  readonly peer: string
  readonly what: What
  readonly connections: number
  readonly round: number
  readonly perSecond: number
}

/** Start-up time and idle memory of one peer. */
export interface Footprint {
  readonly peer: string
  /** From the command to the first answer, on an empty folder and on one that a first start left. */
  readonly firstStartMs: number
  readonly startMs: number
  readonly idleMb: number
}

export interface Row {
  readonly what: string
  readonly peer: string
  /** Ours : peer for rates, peer : ours for times and memory. */
  readonly ratio: number
  /** Below it the bench fails; nothing where there is none. */
  readonly floor: number | null
  readonly goal: number | null
}

/** Peers by their names in rows. */
export const ours = 'strongroom encrypted'
export const raven41Encrypted = 'RavenDB 4.1 encrypted'
export const raven41Plain = 'RavenDB 4.1 plain'
export const raven72Plain = 'RavenDB 7.2 plain'

/** Ratios of rates: the median over the rounds, each round compared within itself. */
export function rateRows(samples: readonly Sample[]): Row[] {
  const mine = samples.filter((sample) => sample.peer === ours)
  const keys = new Set(
    samples
      .filter((s) => s.peer !== ours)
      .map((s) => JSON.stringify([s.what, s.connections, s.peer])),
  )
  return [...keys].map((key) => {
    const [what, connections, peer] = JSON.parse(key) as [What, number, string]
    const ratios = mine
      .filter((m) => m.what === what && m.connections === connections)
      .flatMap((m) => {
        const other = samples.find(
          (s) =>
            s.peer === peer &&
            s.what === what &&
            s.connections === connections &&
            s.round === m.round,
        )
        return other === undefined ? [] : [m.perSecond / other.perSecond]
      })
    const floor = what === 'get' && peer === raven41Encrypted ? 1 : null
    const goal = peer === raven41Plain || peer === raven72Plain ? 1 : null
    return row(
      `${what === 'get' ? 'get by id' : 'durable put'}, ${connections} connections`,
      peer,
      median(ratios),
      { floor, goal },
    )
  })
}

/** Ratios of start-up time and idle memory. */
export function footprintRows(footprints: readonly Footprint[]): Row[] {
  const mine = footprints.find((footprint) => footprint.peer === ours)
  if (mine === undefined) return []
  return footprints
    .filter((footprint) => footprint !== mine)
    .flatMap((other) => {
      const bounds = {
        floor: other.peer === raven72Plain ? 0.8 : null,
        goal: other.peer.startsWith('RavenDB') ? 1 : null,
      }
      return [
        row('start on an empty folder', other.peer, other.firstStartMs / mine.firstStartMs, bounds),
        row('start on an existing folder', other.peer, other.startMs / mine.startMs, bounds),
        row('idle memory', other.peer, other.idleMb / mine.idleMb, bounds),
      ]
    })
}

/** Rows under their floor. */
export function failures(rows: readonly Row[]): Row[] {
  return rows.filter((one) => one.floor !== null && !(one.ratio >= one.floor))
}

function row(what: string, peer: string, ratio: number, bounds: Pick<Row, 'floor' | 'goal'>): Row {
  return { what, peer, ratio: Number(ratio.toFixed(2)), ...bounds }
}

/** The middle of the numbers; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
