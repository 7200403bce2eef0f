import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricsPage } from '#docs/generate/metrics.ts'

test('metricsPage() has a row for each metric, in the order of the table', () => {
  const page = metricsPage([
    { name: 'b_total', type: 'counter', help: 'One | two', labels: ['x', 'y'] },
    { name: 'a', type: 'gauge', help: 'Three', labels: [] },
  ])
  assert.deepEqual(page.trimEnd().split('\n').slice(-3), [
    '| --- | --- | --- | --- |',
    '| `b_total` | counter | `x`, `y` | One \\| two |',
    '| `a` | gauge |  | Three |',
  ])
})
