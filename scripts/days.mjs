/**
 * Days that software gets wrong, and how a command is made to believe that it is one of them.
 *
 * Debian's `faketime` shifts the date of a process and of all that it starts; monotonic time goes on as it is. Programs that do not
 * use the C library (Go's, such as the CA of the ACME lab) keep the real date, so tests that need them do not run shifted.
 */

/**
 * @typedef {{ id: string, name: string, at: string, zone: string }} Day `at`: the instant at which the run begins, ISO 8601; `zone`: its TZ
 */

/** @type {readonly [Day, ...Day[]]} */
export const days = [
  { id: 'leap-day', name: 'on a leap day', at: '2028-02-29T11:59:30Z', zone: 'Europe/Berlin' },
  { id: 'year-end', name: 'as a year ends', at: '2027-12-31T23:59:45Z', zone: 'UTC' },
  { id: 'summer', name: 'in summer time', at: '2027-07-15T03:59:00Z', zone: 'America/New_York' },
  {
    id: '2039',
    name: 'past 32 bits of seconds',
    at: '2039-03-01T12:00:00Z',
    zone: 'Asia/Kathmandu',
  },
]

/** The program of the package that shifts the date. */
export const shifter = 'faketime'

/**
 * The environment in which a process believes that it is that day. Its library is named to the linker directly: the program
 * itself would stay between us and the process, and a process that is overdue could not be ended.
 * @param {Day} day
 * @param {number} now milliseconds since 1970
 * @returns {Record<string, string>}
 */
export function onDay(day, now) {
  const seconds = Math.round((Date.parse(day.at) - now) / 1000)
  return {
    LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    TZ: day.zone,
  }
}

/**
 * What a process must hand to one it starts with an environment of its own, so that both see the same date.
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {Record<string, string>}
 */
export function dateVariables(environment) {
  const found = Object.entries(environment).filter(
    ([name]) => name === 'LD_PRELOAD' || name.startsWith('FAKETIME'),
  )
  return Object.fromEntries(found.map(([name, value]) => [name, value ?? '']))
}
