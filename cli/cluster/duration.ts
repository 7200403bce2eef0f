/** A time as people write it on a command line. */

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000 } as const

/** `90`, `90s`, `5m` or `1h` in milliseconds, at least a second; nothing where it is none of that kind. */
export function durationMs(text: string): number | undefined {
  const [, amount = '', unit = 's'] = /^([1-9][0-9]{0,8})([smh]?)$/.exec(text) ?? []
  if (amount === '') return undefined
  return Number(amount) * unitsMs[(unit === '' ? 's' : unit) as keyof typeof unitsMs]
}

/** The same in words: the largest unit of which it is a whole number. */
export function inWords(ms: number): string {
  if (ms % unitsMs.h === 0) return `${ms / unitsMs.h} h`
  return ms % unitsMs.m === 0 ? `${ms / unitsMs.m} min` : `${ms / unitsMs.s} s`
}
