/** What several runs come to together, in the words of node:test's own summary. */

/**
 * @typedef {import('./counts.mjs').Report} Report
 * @typedef {{ name: string, seconds: number, report: Report, trouble?: string, notRun?: NotRun }} Outcome `trouble`: why a phase failed without a test that did
 * @typedef {{ report: Report, trouble?: string }} Part what one process of a phase came to, and how it ended if not well
 * @typedef {{ files: readonly string[], reason: string, fix: string }} NotRun why a phase did not run, and what would help
 */

/**
 * The closing lines. The last one is alone and always of the same shape.
 * @param {readonly Outcome[]} outcomes
 */
export function summaryLines(outcomes) {
  const counts = sum(outcomes)
  const failed = counts.failed + counts.cancelled
  return [
    ...outcomes.map(phaseLine),
    ...outcomes.flatMap(failureLines),
    ...outcomes.flatMap(notRunLines),
    `tests ${counts.tests}, skipped ${counts.skipped}, todo ${counts.todo}`,
    `${counts.passed} passed, ${failed} failed`,
  ]
}

/** @param {readonly Outcome[]} outcomes */
export function hasFailed(outcomes) {
  const { failed, cancelled } = sum(outcomes)
  return failed + cancelled > 0
}

/**
 * What the processes of a phase came to together. How one ended is only told where no failed test of its own explains it.
 * @param {string} name
 * @param {{ seconds: number, parts: readonly Part[] }} run
 * @returns {Outcome}
 */
export function joined(name, { seconds, parts }) {
  const outcomes = parts.map(({ report }) => ({ name, seconds, report }))
  const unexplained = parts.filter(
    ({ report }) => report.counts.failed + report.counts.cancelled === 0,
  )
  const trouble = unexplained.find((part) => part.trouble !== undefined)?.trouble
  const failures = parts.flatMap(({ report }) => report.failures)
  const outcome = { name, seconds, report: { counts: sum(outcomes), failures } }
  return trouble === undefined ? outcome : { ...outcome, trouble }
}

/** Counts of all, where a phase with trouble counts as one failed test more. @param {readonly Outcome[]} outcomes */
function sum(outcomes) {
  const total = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }
  for (const { report, trouble } of outcomes) {
    for (const key of /** @type {(keyof typeof total)[]} */ (Object.keys(total))) {
      total[key] += report.counts[key]
    }
    if (trouble !== undefined) total.failed += 1
  }
  return total
}

/** @param {Outcome} outcome */
function phaseLine({ name, seconds, report, trouble }) {
  const { passed, failed, cancelled } = report.counts
  const more = trouble === undefined ? '' : `, ${trouble}`
  return `${name.padEnd(14)} ${seconds.toFixed(1).padStart(7)} s  ${passed} passed, ${failed + cancelled} failed${more}`
}

/** @param {Outcome} outcome */
function failureLines({ name, report }) {
  return report.failures.map((failure) => `failed in ${name}: ${failure}`)
}

/** @param {Outcome} outcome */
function notRunLines({ notRun }) {
  if (notRun === undefined) return []
  const { files, reason, fix } = notRun
  return [
    ...files.map((file) => `not run: ${file}`),
    `  because ${reason}`,
    `  to have them run: ${fix}`,
  ]
}
