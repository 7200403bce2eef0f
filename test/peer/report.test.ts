import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GoldenStep } from './golden.ts'
import { Report } from './report.ts'

const found: GoldenStep = { status: 200, headers: {}, body: { Name: 'a' } }
const missing: GoldenStep = { status: 404, headers: {}, body: null }

test('Report: a difference is undeclared until an entry covers its step and its place', () => {
  const report = new Report([{ step: 'docs/get', what: ['status'], reason: 'r' }])
  report.judge('docs/get', 'GET /', found, missing)
  report.judge('docs/put', 'PUT /', found, missing)
  report.judge('docs/put', 'PUT /', found, found)
  assert.deepEqual([report.same, report.declared, report.undeclared.length], [1, 1, 1])
  assert.deepEqual(report.lines(), [
    'differs   docs/put: PUT /',
    '            status: 200 expected, 404 here',
  ])
})

test('Report: an entry that covers nothing is out of date, and so is one whose place does not differ', () => {
  const entries = [
    { step: 'docs/get', what: ['status'], reason: 'still' },
    { step: 'docs/get', what: ['body.Name'], reason: 'not there' },
    { step: 'docs/nosuch', reason: 'no such step' },
  ]
  const report = new Report(entries)
  report.judge('docs/get', 'GET /', found, missing)
  assert.deepEqual(
    report.stale().map(({ reason }) => reason),
    ['not there', 'no such step'],
  )
})

test('Report: what needs the answer of a route not built counts with it, and so does what needs that', () => {
  const report = new Report([])
  report.countNotBuilt('PATCH /docs', ['patch'])
  assert.equal(report.countFollowing(['patch'], ['read']), true)
  assert.equal(report.countFollowing(['read'], []), true)
  assert.equal(report.countFollowing(['other'], []), false)
  assert.deepEqual([report.notBuilt, report.following], [1, 2])
  assert.deepEqual(report.notBuiltRoutes(), ['PATCH /docs 1'])
})
