import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Effort } from '#bench/acme/effort.ts'
import { dnsRows, instantRows, lineOf } from '#bench/acme/figures.ts'
import { failures } from '#bench/ratios.ts'

const ours: Effort = {
  ...{ seconds: 10, cpuSeconds: 8, peakMb: 120, restMb: 100 },
  ...{ calls: 4_000, changes: 2_000, orders: 500 },
}
const theirs: Effort = {
  ...{ seconds: 60, cpuSeconds: 20, peakMb: 90, restMb: 80 },
  ...{ calls: 20_000, changes: 18_000, orders: 500 },
}
const against = (mine: Partial<Effort>) => [{ ours: { ...ours, ...mine }, theirs }]

test('instantRows() divides what the peer took by what ours took', () => {
  const ratios = instantRows([{ ours, theirs }]).map(({ ratio }) => ratio)
  assert.deepEqual(ratios, [6, 2.5, 0.75, 0.8, 5, 9, 1])
})

test('instantRows() compares each round within itself and takes the median', () => {
  const slow = { ours: { ...ours, seconds: 30 }, theirs: { ...theirs, seconds: 300 } }
  const odd = { ours: { ...ours, seconds: 600 }, theirs }
  const [time] = instantRows([{ ours, theirs }, slow, odd])
  assert.equal(time?.ratio, 6)
})

test('instantRows() has floors for time, memory and orders', () => {
  const failing = (mine: Partial<Effort>) =>
    failures(instantRows(against({ peakMb: 90, ...mine }))).map(({ what }) => what)
  assert.deepEqual(failing({}), [])
  assert.deepEqual(failing({ seconds: 31 }), ['certificates: time'])
  assert.deepEqual(failing({ peakMb: 91 }), ['certificates: peak memory'])
  assert.deepEqual(failing({ orders: 505 }), ['certificates: orders at the CA'])
})

test('dnsRows() has floors for time and orders', () => {
  const failing = (mine: Partial<Effort>) =>
    failures(dnsRows(against(mine))).map(({ what }) => what)
  assert.deepEqual(failing({}), [])
  assert.deepEqual(failing({ seconds: 31 }), ['DNS-01: time'])
  assert.deepEqual(failing({ orders: 600 }), ['DNS-01: orders at the CA'])
})

test('lineOf() says all that was measured', () => {
  assert.equal(
    lineOf('500 certificates by ours', ours),
    '500 certificates by ours in 10.0 s; 8.0 s of CPU, 120 MB at most, 100 MB afterwards, 4000 calls to the API server of which 2000 change something, 500 orders',
  )
})
