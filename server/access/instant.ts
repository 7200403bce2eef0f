/** Instants as RavenDB's clients write them. */
import { accessErrors } from './errors.ts'

const written =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?(?:Z|([+-])(\d\d):(\d\d))?$/

/**
 * Milliseconds since 1970 of an ISO 8601 instant, with or without a zone, which is UTC then, and with RavenDB's seven decimals. Throws
 * `CertificateFormatInvalid` naming the member, also for a day that no calendar has.
 */
export function parseInstant(member: string, value: unknown): number {
  const [, ...parts] = (typeof value === 'string' ? written.exec(value) : null) ?? []
  const [year = 0, month = 0, day = 0, hour = 24, minute = 0, second = 0] = parts.map(Number)
  const [fraction = '', sign = '+', zoneHours = '00', zoneMinutes = '00'] = parts.slice(6)
  const local = Date.UTC(year, month - 1, day, hour, minute, second)
  // Date.UTC takes years below 100 for those after 1900, and a 30 February for a day in March.
  const spelled = parts.slice(0, 6)
  const isReal =
    parts.length > 0 &&
    new Date(local).toISOString().slice(0, 19) ===
      `${spelled.slice(0, 3).join('-')}T${spelled.slice(3).join(':')}`
  if (!isReal || Number(zoneHours) > 23 || Number(zoneMinutes) > 59) {
    throw accessErrors.CertificateFormatInvalid(member, 'a date such as 2030-01-31T00:00:00Z')
  }
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'))
  return local + milliseconds - (sign === '-' ? -zoneMs : zoneMs)
}
