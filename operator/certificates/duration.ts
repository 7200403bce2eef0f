/** Durations as Go writes them, of which we take hours, minutes and seconds in that order: `2160h`, `1h30m`. */

/** Milliseconds. Fails on any other text: the schema lets none through. */
export function durationMs(text: string): number {
  const [whole, hours = '0', minutes = '0', seconds = '0'] =
    /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? []
  if (whole === undefined || whole === '')
    throw new TypeError(`"${text}" is no duration: write hours, minutes and seconds, e.g. 2160h`)
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
}
