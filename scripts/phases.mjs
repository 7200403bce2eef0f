/** The tests, as the phases that `npm test` walks through, and their files. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { days } from './days.mjs'

/**
 * @typedef {{
 *   name: string, what: string, folders: readonly string[], isolated: boolean, minutesMax: number, testSecondsMax: number,
 *   needsCluster?: boolean, processesMax?: number, day?: import('./days.mjs').Day, short?: readonly string[], longOnly?: boolean
 * }} Phase `folders`: below test/, with all that is in them; '' is test/ itself without its folders.
 * `processesMax`: the files may be dealt to that many processes, side by side; `day`: when it runs, if not today;
 * `short`: its only files outside the long form; `longOnly`: runs in the long form, or where it is named
 */

/** @type {readonly Phase[]} */
const today = [
  {
    name: 'unit',
    what: 'functions and parts',
    folders: [
      ...['', 'server', 'operator', 'cli', 'charts', 'shared'],
      ...['scripts', 'support', 'docs', 'bench'],
    ],
    isolated: false,
    processesMax: 2,
    minutesMax: 10,
    testSecondsMax: 60,
  },
  {
    name: 'flows',
    what: 'whole servers and official clients',
    folders: ['flows'],
    isolated: true,
    minutesMax: 20,
    testSecondsMax: 300,
  },
  {
    name: 'crash',
    what: 'killed processes, damaged and stolen folders',
    folders: ['crash'],
    isolated: true,
    minutesMax: 20,
    testSecondsMax: 600,
  },
  {
    name: 'peer',
    what: 'our answers beside recorded ones',
    folders: ['peer'],
    isolated: true,
    minutesMax: 20,
    testSecondsMax: 600,
  },
  {
    name: 'cluster',
    what: 'the image on a real Kubernetes',
    folders: ['cluster'],
    isolated: false,
    minutesMax: 45,
    testSecondsMax: 1200,
    needsCluster: true,
  },
]

/** What depends on dates, in less time than all flows: certificates and their renewal, with servers and clients of their own. */
const datedFlows = ['hot-swap', 'kubernetes-pod', 'official-client-certificates', 'start'].map(
  (name) => `test/flows/${name}.test.ts`,
)

/** What the short form runs on other days: each day once. The long form runs each of these phases on each day. */
const shortOnDays = ['unit@leap-day', 'peer@summer', 'peer@2039', 'flows@year-end']

const otherDays = ['unit', 'peer', 'flows'].flatMap((name) => days.map((day) => shifted(name, day)))

/** @type {readonly Phase[]} */
export const phases = [...today, ...otherDays]

/**
 * The phase of that name, on another day.
 * @param {string} phaseName
 * @param {import('./days.mjs').Day} day
 * @returns {Phase}
 */
function shifted(phaseName, day) {
  const phase = /** @type {Phase} */ (today.find((one) => one.name === phaseName))
  const name = `${phaseName}@${day.id}`
  return {
    ...phase,
    name,
    what: `${phase.what}, ${day.name}`,
    day,
    longOnly: !shortOnDays.includes(name),
    ...(phaseName === 'flows' ? { short: datedFlows } : {}),
  }
}

/**
 * The phases that the arguments name, in their own order; where they name none, all of them.
 * @param {readonly string[]} args `--long` and names of phases
 * @returns {{ long: boolean, chosen: readonly Phase[] }}
 */
export function readArguments(args) {
  const names = args.filter((arg) => arg !== '--long')
  const unknown = names.find((name) => !phases.some((phase) => phase.name === name))
  if (unknown !== undefined) {
    const known = phases.map((phase) => phase.name).join(', ')
    throw new Error(`Cannot test "${unknown}": the phases are ${known}, the one option is --long`)
  }
  const long = args.includes('--long')
  const isChosen = (/** @type {Phase} */ phase) =>
    names.length === 0 ? long || phase.longOnly !== true : names.includes(phase.name)
  return { long, chosen: phases.filter(isChosen) }
}

/**
 * Test files of a phase, relative to the checkout and sorted. `*.long.test.ts` only where `long`, and never on another day.
 * @param {Phase} phase
 * @param {{ root: string, long: boolean }} where
 */
export function filesOf(phase, { root, long }) {
  const files = phase.folders.flatMap((folder) =>
    filesBelow(path.join(root, 'test', folder), folder !== ''),
  )
  const withLong = long && phase.day === undefined
  return files
    .filter((file) => file.endsWith('.test.ts') && (withLong || !file.endsWith('.long.test.ts')))
    .map((file) => path.relative(root, file))
    .filter((file) => long || phase.short === undefined || phase.short.includes(file))
    .sort()
}

/**
 * True for a test that stands on the ACME lab, by what it imports: the lab needs Go and Knot.
 * @param {string} text of the file
 */
export function needsLab(text) {
  return /\bfrom '#test\/support\/acme-lab\//.test(text)
}

/**
 * The files dealt like cards to so many processes, none of them without a file: neighbours are of one kind, and cost alike.
 * @param {readonly string[]} files
 * @param {number} processes
 */
export function dealt(files, processes) {
  const count = Math.max(1, Math.min(processes, files.length))
  return Array.from({ length: count }, (_, hand) =>
    files.filter((_file, index) => index % count === hand),
  )
}

/**
 * What `node` is called with.
 * @param {Phase} phase
 * @param {{ files: readonly string[], countsFile: string }} run
 */
export function nodeArguments(phase, { files, countsFile }) {
  return [
    '--test',
    phase.isolated ? '--test-concurrency=1' : '--test-isolation=none',
    `--test-timeout=${phase.testSecondsMax * 1000}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${fileURLToPath(new URL('counts.mjs', import.meta.url))}`,
    `--test-reporter-destination=${countsFile}`,
    ...files,
  ]
}

/** @param {string} folder @param {boolean} deep @returns {string[]} */
function filesBelow(folder, deep) {
  return entriesOf(folder).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (!entry.isDirectory()) return [file]
    return deep ? filesBelow(file, deep) : []
  })
}

/** @param {string} folder */
function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return []
    throw error
  }
}
