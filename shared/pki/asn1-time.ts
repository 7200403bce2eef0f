/** The two times of X.509 (RFC 5280 section 4.1.2.5): to the second, in UTC, and of a day that the calendar has. */
import type { Asn1 } from './ber.ts'

const utcTimeTag = 0x17
const generalizedTimeTag = 0x18
/** A UTCTime says two digits of its year: from here on they are of the last century. */
const utcTimePivot = 50

/**
 * Milliseconds since 1970. Throws an Error in words where it is no time: the wrong form (no seconds, fractions, an offset), a part out of
 * its range (also the leap second, which clocks of certificates do not have), a day that its month lacks, or the year 0, which no client's calendar has.
 */
export function timeOf(value: Asn1 | undefined): number {
  const text = value?.content.toString('latin1') ?? ''
  const digits = value === undefined ? undefined : fourDigitYear(value.tag, text)
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits ?? '') ?? []
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const milliseconds = Date.parse(written)
  // `Date.parse` takes 30 February for 2 March, and 24:00 for the next day.
  const isReal = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === written
  if (!isReal || year === '0000') throw new Error(`${printable(text)} is no time`)
  return milliseconds
}

function fourDigitYear(tag: number, text: string): string | undefined {
  if (tag === generalizedTimeTag) return text
  if (tag !== utcTimeTag) return undefined
  return `${Number(text.slice(0, 2)) < utcTimePivot ? '20' : '19'}${text}`
}

/** Bounded, and without what could change a log line. */
function printable(text: string): string {
  return `"${text.slice(0, 24).replace(/[^\x20-\x7e]/g, '?')}"`
}
