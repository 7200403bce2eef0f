import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasFailed, joined, summaryLines } from '#scripts/summary.mjs'

const none = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }
const good = {
  name: 'unit',
  seconds: 1.25,
  report: { counts: { ...none, tests: 7, passed: 5, skipped: 2 }, failures: [] },
}
const bad = {
  name: 'flows',
  seconds: 100,
  report: {
    counts: { ...none, tests: 3, passed: 1, failed: 1, cancelled: 1 },
    failures: ['x (f:1)'],
  },
}
const dead = {
  name: 'crash',
  seconds: 2,
  report: { counts: none, failures: [] },
  trouble: 'ended with SIGKILL',
}

test('summaryLines() adds the phases up and closes with the one line', () => {
  assert.deepEqual(summaryLines([good, bad]), [
    'unit               1.3 s  5 passed, 0 failed',
    'flows            100.0 s  1 passed, 2 failed',
    'failed in flows: x (f:1)',
    'tests 10, skipped 2, todo 0',
    '6 passed, 2 failed',
  ])
})

test('summaryLines() counts a phase that died without a failed test as a failure', () => {
  const lines = summaryLines([good, dead])
  assert.match(String(lines[1]), /^crash .*, ended with SIGKILL$/)
  assert.equal(lines.at(-1), '5 passed, 1 failed')
})

test('summaryLines() lists what did not run, with the reason and the fix, before the last two lines', () => {
  const notRun = { files: ['test/cluster/a.test.ts'], reason: 'Go is missing', fix: 'install Go' }
  const lines = summaryLines([
    good,
    { name: 'cluster', seconds: 0, report: { counts: none, failures: [] }, notRun },
  ])
  assert.deepEqual(lines.slice(2), [
    'not run: test/cluster/a.test.ts',
    '  because Go is missing',
    '  to have them run: install Go',
    'tests 7, skipped 2, todo 0',
    '5 passed, 0 failed',
  ])
})

test('hasFailed() is true for a failed, a cancelled and a dead test, and for those alone', () => {
  assert.deepEqual([[good], [bad], [dead], [good, dead]].map(hasFailed), [false, true, true, true])
})

test('joined() adds the processes of a phase up', () => {
  const { name, seconds, report, trouble } = joined('unit', {
    seconds: 3,
    parts: [good, { report: bad.report, trouble: 'ended with 1' }],
  })
  assert.deepEqual([name, seconds, trouble], ['unit', 3, undefined])
  assert.deepEqual(report.failures, ['x (f:1)'])
  assert.deepEqual(report.counts, {
    ...none,
    tests: 10,
    passed: 6,
    failed: 1,
    cancelled: 1,
    skipped: 2,
  })
})

test('joined() tells how a process ended where no test of it failed', () => {
  const { trouble, report } = joined('unit', { seconds: 3, parts: [bad, dead] })
  assert.equal(trouble, 'ended with SIGKILL')
  assert.equal(report.counts.failed, 1)
})
