import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf, type OwnFigures, rowsOf } from '#bench/operator/figures.ts'
import { failures } from '#bench/ratios.ts'

const ours: OwnFigures = {
  ready: [5, 30, 6],
  served: [0.5],
  refused: [0.1],
  again: [4],
  secretWritten: [1, 0.5, 0.8],
  idleMb: 100,
  laterMb: 120,
  idleWrites: 0,
  idleCalls: 30,
}
const theirs = { secretWritten: [1.6, 0.4, 9], idleMb: 50, laterMb: 180, idleWrites: 2 }

test('rowsOf() compares medians, and says what is under its floor', () => {
  const rows = rowsOf(ours, theirs)
  assert.deepEqual(
    rows.map(({ peer, ratio }) => [peer, ratio]),
    [
      ['15 s', 2.5],
      ['cert-manager', 2],
      ['cert-manager', 0.5],
      ['cert-manager', 1.5],
      ['cert-manager', 3],
    ],
  )
  assert.deepEqual(
    failures(rows).map(({ what }) => what),
    ['memory idle'],
  )
})

test('rowsOf() has the goal alone where cert-manager was not measured', () => {
  assert.deepEqual(
    rowsOf(ours, undefined).map(({ peer }) => peer),
    ['15 s'],
  )
})

test('linesOf() shows every round', () => {
  assert.match(linesOf(ours).join('\n'), /all Ready: 5\.00, 30\.00, 6\.00 s/)
})
