import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alerts, alertsSection } from '#docs/generate/alerts.ts'
import { metricPrefix, metricTable } from '#operator/metric-table.ts'
import { Metrics } from '#server/metrics.ts'

const ofOperator = new Map(
  Object.entries(metricTable).map(([name, { labels }]) => [
    `${metricPrefix}${name}`,
    labels as readonly string[],
  ]),
)

async function ofServer(): Promise<ReadonlySet<string>> {
  const metrics = new Metrics({
    engines: () => [],
    databases: () => ({ open: 0, damaged: 0, quarantined: 0 }),
    isStoreLost: () => false,
    removableMasterKeys: () => 0,
    certificates: () => ({ registered: 0, expiring: 0, expired: 0 }),
    certificateSecondsLeft: () => 1,
    order: () => ({ renewAt: 1, failures: 0 }),
  })
  const { body } = await metrics.text()
  metrics.close()
  return new Set([...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
}

test('alerts ask for metrics that are there, by labels that they have', async () => {
  const server = await ofServer()
  for (const { name, expression } of alerts) {
    const asked = [...expression.matchAll(/(strongroom_\w+)(?:\{(\w+)(?:!?=)"[^"]*"\})?/g)]
    assert.ok(asked.length > 0, name)
    for (const [, metric = '', label] of asked) {
      assert.ok(ofOperator.has(metric) || server.has(metric), `${name} asks for ${metric}`)
      assert.ok(label === undefined || ofOperator.get(metric)?.includes(label), `${name}: ${label}`)
    }
  }
})

test('alerts have parentheses and braces in pairs, and names that occur once', () => {
  for (const { name, expression } of alerts)
    for (const [left, right] of ['()', '{}', '[]'])
      assert.equal(expression.split(left ?? '').length, expression.split(right ?? '').length, name)
  assert.equal(new Set(alerts.map(({ name }) => name)).size, alerts.length)
})

test('alertsSection() shows each with what it means', () => {
  const text = alertsSection([{ name: 'Full', expression: 'up < 1', meaning: 'Nobody is there' }])
  assert.ok(text.endsWith('`Full`: Nobody is there.\n\n```promql\nup < 1\n```\n'))
})
