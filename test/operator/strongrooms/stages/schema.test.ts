import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Observed } from '#operator/strongrooms/observe.ts'
import { schemaStage } from '#operator/strongrooms/stages/schema.ts'
import { strongroom } from '#test/support/resources.ts'

test('schemaStage() lets through what fits, and stops at what does not, naming the field', () => {
  const seen = (cluster: Observed['cluster']) => schemaStage({ cluster } as Observed)
  assert.deepEqual(seen(strongroom()), { steps: [], findings: [] })
  const { halt, steps } = seen(strongroom({ metadata: { name: 'a.b' } }))
  assert.deepEqual(steps, [])
  assert.deepEqual([halt?.kind, halt?.reason], ['stalled', 'InvalidSpec'])
  assert.match(halt?.message ?? '', /^The resource does not fit its schema: \/metadata\/name /)
})
