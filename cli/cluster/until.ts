/** A moment, and how far off it is, for people. */

const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const

/** `2026-12-01T10:00:00Z (in 5 d)`, or `(5 min ago)`; the unit is the largest of which there are two. */
export function until(moment: string | undefined, nowMs: number): string | undefined {
  if (moment === undefined) return undefined
  const leftMs = Date.parse(moment) - nowMs
  const { name, ms } = units.find((unit) => Math.abs(leftMs) >= 2 * unit.ms) ?? units[3]
  const amount = `${Math.floor(Math.abs(leftMs) / ms)} ${name}`
  const shown = moment.replace(/\.\d+Z$/, 'Z')
  return `${shown} (${leftMs < 0 ? `${amount} ago` : `in ${amount}`})`
}
