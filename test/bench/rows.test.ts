import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowLine } from '#bench/rows.ts'

const row = { what: 'time', peer: 'cert-manager', ratio: 1.3, floor: 2, goal: 5 }

test('rowLine() says what, against whom, the ratio and its bounds in columns', () => {
  assert.match(rowLine(row), /^time {38} {2}÷ cert-manager {12} {2} {3}1\.3 {2}floor 2 {2}goal 5$/)
})

test('rowLine() leaves out bounds that there are none of', () => {
  assert.match(rowLine({ ...row, floor: null }), / 1\.3 {2}goal 5$/)
  assert.match(rowLine({ ...row, floor: null, goal: null }), / 1\.3$/)
})
