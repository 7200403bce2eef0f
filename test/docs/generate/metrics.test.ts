import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricsPage } from '#docs/generate/metrics.ts'

test('metricsPage() has a row for each metric, in the order of the table', () => {
  const metrics = [
    { name: 'b_total', type: 'counter', help: 'One | two', labels: ['x', 'y'] },
    { name: 'a', type: 'gauge', help: 'Three', labels: [] },
  ]
  const page = metricsPage(metrics, [])
  assert.deepEqual(page.split('\n## Alerts')[0]?.trimEnd().split('\n').slice(-3), [
    '| --- | --- | --- | --- |',
    '| `b_total` | counter | `x`, `y` | One \\| two |',
    '| `a` | gauge |  | Three |',
  ])
})
