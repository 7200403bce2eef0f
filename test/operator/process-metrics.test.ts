import assert from 'node:assert/strict'
import { test } from 'node:test'
import Registry from 'prom-client/lib/registry.js'
import { addProcessMetrics } from '#operator/process-metrics.ts'

async function readingOf(registry: Registry, name: string): Promise<number> {
  const [, value = ''] = new RegExp(`^${name} (\\S+)$`, 'm').exec(await registry.metrics()) ?? []
  return Number(value)
}

test('addProcessMetrics() gives out what this process takes, as it is when asked', async () => {
  const registry = new Registry()
  addProcessMetrics(registry)
  const resident = await readingOf(registry, 'process_resident_memory_bytes')
  assert.ok(Math.abs(resident - process.memoryUsage.rss()) < 50e6)
  const [cpu, uptime] = [
    await readingOf(registry, 'process_cpu_seconds_total'),
    await readingOf(registry, 'process_uptime_seconds'),
  ]
  while (process.uptime() < uptime + 0.02) assert.ok(cpu > 0)
  assert.ok((await readingOf(registry, 'process_cpu_seconds_total')) > cpu)
  assert.ok((await readingOf(registry, 'process_uptime_seconds')) > uptime)
  assert.ok((await readingOf(registry, 'nodejs_heap_size_used_bytes')) > 1e6)
})

test('addProcessMetrics() keeps to the registry that it was given', async () => {
  addProcessMetrics(new Registry())
  assert.equal(await new Registry().metrics(), '\n')
})
