/** A reporter for `node --test`: writes what the run came to as one JSON value, so that runs can be added up. */
import path from 'node:path'

/**
 * @typedef {{ tests: number, passed: number, failed: number, cancelled: number, skipped: number, todo: number }} Counts
 * @typedef {{ counts: Counts, failures: readonly string[] }} Report
 */

/**
 * @param {AsyncIterable<{ type: string, data: any }>} events
 * @returns {AsyncGenerator<string>}
 */
// biome-ignore lint/style/noDefaultExport: node:test takes a reporter from the default export
export default async function* report(events) {
  /** @type {Counts} */
  let counts = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }
  /** @type {string[]} */
  const failures = []
  for await (const { type, data } of events) {
    // With a process for each file there is a summary for each, and then the one of the whole run.
    if (type === 'test:summary' && data.file === undefined) counts = data.counts
    if (type === 'test:fail' && isCause(data)) failures.push(`${data.name} (${placeOf(data)})`)
  }
  yield JSON.stringify({ counts, failures })
}

/** False for a test that failed only because a test inside it did, or that is known to. @param {any} data */
function isCause(data) {
  return data.todo === undefined && data.details?.error?.failureType !== 'subtestsFailed'
}

/** @param {any} data */
function placeOf(data) {
  return data.file === undefined ? '?' : `${path.relative('', data.file)}:${data.line}`
}
