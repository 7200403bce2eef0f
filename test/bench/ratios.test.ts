import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  failures,
  footprintRows,
  median,
  ours,
  rateRows,
  raven41Encrypted,
  raven72Plain,
  type Sample,
} from '#bench/ratios.ts'

/** Rates of rounds 1, 2, …, of one peer. */
function gets(peer: string, rates: readonly number[]): Sample[] {
  return rates.map((perSecond, index) => ({
    peer,
    what: 'get',
    connections: 16,
    round: index + 1,
    perSecond,
  }))
}

test('rateRows() compares each round within itself and takes the middle', () => {
  const rows = rateRows([...gets(ours, [100, 400, 90]), ...gets(raven41Encrypted, [50, 100, 60])])
  assert.deepEqual(rows, [
    { what: 'get by id, 16 connections', peer: raven41Encrypted, ratio: 2, floor: 1, goal: null },
  ])
})

test('rateRows() leaves a round out where a peer has no figure', () => {
  const [row] = rateRows([...gets(ours, [100, 400]), ...gets('other', [50])])
  assert.equal(row?.ratio, 2)
  assert.equal(row?.floor, null)
})

test('footprintRows() divide the other way: less is better', () => {
  const rows = footprintRows([
    { peer: ours, firstStartMs: 1000, startMs: 500, idleMb: 100 },
    { peer: raven72Plain, firstStartMs: 2000, startMs: 250, idleMb: 300 },
  ])
  assert.deepEqual(
    rows.map(({ ratio }) => ratio),
    [2, 0.5, 3],
  )
  assert.deepEqual(
    failures(rows).map(({ what }) => what),
    ['start on an existing folder'],
  )
})

test('footprintRows() are none without ours', () => {
  assert.deepEqual(
    footprintRows([{ peer: raven72Plain, firstStartMs: 1, startMs: 1, idleMb: 1 }]),
    [],
  )
})

test('failures() count a figure that is no number as under its floor', () => {
  const row = { what: 'get', peer: 'x', ratio: Number.NaN, floor: 1, goal: null }
  assert.deepEqual(failures([row, { ...row, ratio: 1 }]), [row])
})

test('median() takes the middle', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.ok(Number.isNaN(median([])))
})
