/**
 * `npm test [-- phase …] [-- --long]`: installs what is missing, runs the phases, closes with one summary of them all.
 *
 * The fast inner loop is `npm run test:unit`, which skips everything but the tests.
 */
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { cacheFolder } from './cache.mjs'
import { onDay, shifter } from './days.mjs'
import { isThere, mayInstall, missingNeeds, provide } from './debian.mjs'
import { install, root } from './install.mjs'
import { findNode } from './node.mjs'
import { dealt, filesOf, needsLab, nodeArguments, readArguments } from './phases.mjs'
import { hasFailed, joined, summaryLines } from './summary.mjs'

/** @typedef {import('./phases.mjs').Phase} Phase @typedef {import('./summary.mjs').Outcome} Outcome */

const nothing = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }

try {
  const { long, chosen } = readArguments(process.argv.slice(2))
  await install({ development: true, tell })
  const names = chosen.map((phase) => phase.name)
  provide(missingNeeds(names, isThere), { may: mayInstall(), tell })
  const outcomes = await runAll(chosen, { node: findNode(), long })
  tell('')
  for (const line of summaryLines(outcomes)) tell(line)
  process.exitCode = hasFailed(outcomes) ? 1 : 0
} catch (error) {
  tell(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

/** @param {readonly Phase[]} chosen @param {{ node: string, long: boolean }} how */
async function runAll(chosen, { node, long }) {
  /** @type {Outcome[]} */
  const outcomes = []
  for (const phase of chosen) {
    const files = filesOf(phase, { root, long })
    if (files.length === 0) continue
    tell(`\n── ${phase.name}: ${phase.what} (${files.length} files) ──`)
    outcomes.push(
      withoutCluster(phase, { node, files }) ??
        withoutShifter(phase, files) ??
        (await runPossible(phase, { node, long, files })),
    )
  }
  return outcomes
}

/**
 * The outcome of a phase that needs a Kubernetes on a machine that can have none. With CI=true that is a failure.
 * @param {Phase} phase
 * @param {{ node: string, files: readonly string[] }} how
 * @returns {Outcome | undefined}
 */
function withoutCluster(phase, { node, files }) {
  if (!phase.needsCluster) return undefined
  const available = look(node, 'test/cluster/look.ts')
  if (available.kind !== 'none') return undefined
  const { reason, fix } = available
  const outcome = { name: phase.name, seconds: 0, report: { counts: nothing, failures: [] } }
  return { ...outcome, ...leftOut({ files, reason, fix }) }
}

/**
 * The outcome of a phase on another day where nothing can shift the date. With CI=true that is a failure.
 * @param {Phase} phase
 * @param {readonly string[]} files
 * @returns {Outcome | undefined}
 */
function withoutShifter(phase, files) {
  if (phase.day === undefined || isThere(shifter)) return undefined
  const outcome = { name: phase.name, seconds: 0, report: { counts: nothing, failures: [] } }
  const reason = `${shifter} is missing, which runs a program on another day`
  return { ...outcome, ...leftOut({ files, reason, fix: `apt-get install ${shifter}` }) }
}

/**
 * Runs all files, or where the machine lacks what the ACME lab is made of, those that do without it. On another day those
 * never run: the lab's programs keep today's date.
 * @param {Phase} phase
 * @param {{ node: string, long: boolean, files: readonly string[] }} how
 * @returns {Promise<Outcome>}
 */
async function runPossible(phase, how) {
  const needing = how.files.filter((file) => needsLab(readFileSync(path.join(root, file), 'utf8')))
  if (phase.day !== undefined)
    return runPhase(phase, { ...how, files: how.files.filter((file) => !needing.includes(file)) })
  const lack = needing.length === 0 ? null : look(how.node, 'test/tools/look.ts')
  if (lack === null) return runPhase(phase, how)
  const left = leftOut({ files: needing, ...lack })
  const files = how.files.filter((file) => !needing.includes(file))
  return { ...left, ...(await runPhase(phase, { ...how, files })) }
}

/** What a script of ours prints as JSON about this machine. @param {string} node @param {string} script */
function look(node, script) {
  const run = spawnSync(node, [path.join(root, script)], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`Cannot see what this machine has: ${run.stderr}`)
  return JSON.parse(run.stdout)
}

/** @param {import('./summary.mjs').NotRun} notRun */
function leftOut(notRun) {
  tell(`Not run: ${notRun.reason}`)
  return process.env.CI === 'true'
    ? { notRun, trouble: 'not run, which fails where CI=true' }
    : { notRun }
}

/**
 * @param {Phase} phase
 * @param {{ node: string, long: boolean, files: readonly string[] }} how
 * @returns {Promise<Outcome>}
 */
async function runPhase(phase, { node, long, files }) {
  const beganAt = performance.now()
  if (files.length === 0) return joined(phase.name, { seconds: 0, parts: [] })
  const hands = dealt(files, Math.min(phase.processesMax ?? 1, availableParallelism()))
  const parts = await Promise.all(
    hands.map((hand, index) => runFiles(phase, { node, long, files: hand, isFirst: index === 0 })),
  )
  return joined(phase.name, { seconds: (performance.now() - beganAt) / 1000, parts })
}

/**
 * One process. What the first one writes is shown at once, what others write when they have ended.
 * @param {Phase} phase
 * @param {{ node: string, long: boolean, files: readonly string[], isFirst: boolean }} how
 * @returns {Promise<import('./summary.mjs').Part>}
 */
async function runFiles(phase, { node, long, files, isFirst }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'strongroom-test-'))
  const countsFile = path.join(folder, 'counts.json')
  const outputFile = path.join(folder, 'output')
  const output = isFirst ? 'inherit' : openSync(outputFile, 'w')
  const trouble = await exitOf(node, nodeArguments(phase, { files, countsFile }), {
    minutesMax: phase.minutesMax * (long ? 10 : 1),
    output,
    env: { ...environment(long), ...(phase.day === undefined ? {} : onDay(phase.day, Date.now())) },
  })
  if (output !== 'inherit') {
    closeSync(output)
    process.stdout.write(readFileSync(outputFile))
  }
  const report = readReport(countsFile)
  rmSync(folder, { recursive: true, force: true })
  return trouble === undefined ? { report } : { report, trouble }
}

/**
 * Undefined where the run ended well, else how it ended.
 * @param {string} node @param {string[]} args
 * @param {{ minutesMax: number, output: 'inherit' | number, env: NodeJS.ProcessEnv }} bounds
 * @returns {Promise<string | undefined>}
 */
function exitOf(node, args, { minutesMax, output, env }) {
  return new Promise((resolve) => {
    const run = spawn(node, args, { cwd: root, stdio: ['ignore', output, output], env })
    let isOverdue = false
    const watchdog = setTimeout(() => {
      isOverdue = true
      run.kill('SIGKILL')
    }, minutesMax * 60_000)
    run.on('error', (error) => resolve(error.message))
    run.on('exit', (code, signal) => {
      clearTimeout(watchdog)
      if (isOverdue) resolve(`cut off after ${minutesMax} minutes`)
      else resolve(code === 0 ? undefined : `ended with ${code ?? signal}`)
    })
  })
}

/** @param {boolean} long @returns {NodeJS.ProcessEnv} */
function environment(long) {
  const cache = { NODE_COMPILE_CACHE: cacheFolder('compile') }
  return { ...cache, ...process.env, ...(long ? { STRONGROOM_TEST_LONG: '1' } : {}) }
}

/** @param {string} file @returns {import('./counts.mjs').Report} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { counts: nothing, failures: [] }
  }
}

/** @param {string} line */
function tell(line) {
  process.stdout.write(`${line}\n`)
}
