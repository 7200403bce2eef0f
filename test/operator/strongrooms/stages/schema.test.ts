import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StrongroomSpec } from '#operator/api/strongroom.ts'
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

test('schemaStage() stops at a public name that is one of the cluster\u2019s own Services', () => {
  const of = (spec: Partial<StrongroomSpec>) =>
    schemaStage({ cluster: strongroom({ spec }) } as Observed).halt?.message ?? 'nothing'
  assert.match(of({ exposure: { host: 'vault.shop' } }), /\/spec\/exposure\/host: vault\.shop is/)
  const tls = { server: { selfSigned: {} }, dnsNames: ['a.example', 'vault'] }
  assert.match(of({ tls }), /\/spec\/tls\/dnsNames: vault is the name/)
  assert.equal(of({ exposure: { host: 'vault.example' } }), 'nothing')
})
