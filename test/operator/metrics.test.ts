import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metricsOf } from '#operator/metrics.ts'

test('metricsOf() counts calls and reconciles, and asks each queue for its depth when it is read', async () => {
  const metrics = metricsOf()
  metrics.apiCall('GET', 200)
  metrics.apiCall('GET', 200)
  metrics.apiCall('PATCH', 409)
  metrics.reconciled('databases', 'done')
  metrics.reconciled('databases', 'retry')
  let depth = 1
  metrics.watchQueue('databases', () => depth)
  depth = 7
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('strongroom'))
  assert.deepEqual(lines, [
    'strongroom_operator_api_calls_total{method="GET",status="200"} 2',
    'strongroom_operator_api_calls_total{method="PATCH",status="409"} 1',
    'strongroom_operator_reconciles_total{controller="databases",outcome="done"} 1',
    'strongroom_operator_reconciles_total{controller="databases",outcome="retry"} 1',
    'strongroom_operator_queue_depth{controller="databases"} 7',
  ])
})

test('metricsOf() keeps the numbers of two operators in one process apart', async () => {
  const [a, b] = [metricsOf(), metricsOf()]
  a.apiCall('GET', 200)
  assert.ok(!(await b.text()).includes('method="GET"'))
  assert.match(await b.text(), /process_resident_memory_bytes \d/)
})
