/** The time, as something that is passed in: tests hold the hands, production reads the system. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() }

/** `2026-11-25T10:55:33.1230000Z`: RavenDB writes seven decimals (client-visible format of dates). */
export function ravenDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '0000Z')
}
