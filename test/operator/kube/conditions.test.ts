import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionsFrom, isFalse, isTrue, triad } from '#operator/kube/conditions.ts'

const at = (nowMs: number) => ({ generation: 3, nowMs })
const first = Date.UTC(2026, 0, 1)

test('conditionsFrom() keeps the time of transition while the status stays, whatever the reason', () => {
  const before = conditionsFrom([isFalse('Ready', 'Starting', 'a')], [], at(first))
  const after = conditionsFrom([isFalse('Ready', 'Waiting', 'b')], before, at(first + 60_000))
  assert.equal(after[0]?.lastTransitionTime, '2026-01-01T00:00:00.000Z')
  assert.equal(after[0]?.reason, 'Waiting')
  assert.equal(after[0]?.observedGeneration, 3)
})

test('conditionsFrom() moves the time when the status changes', () => {
  const before = conditionsFrom([isFalse('Ready', 'Starting', '')], [], at(first))
  const after = conditionsFrom([isTrue('Ready', 'Ready', '')], before, at(first + 60_000))
  assert.equal(after[0]?.lastTransitionTime, '2026-01-01T00:01:00.000Z')
})

test('conditionsFrom() cuts a message that no status could hold', () => {
  const [condition] = conditionsFrom([isFalse('Ready', 'R', 'x'.repeat(40_000))], [], at(first))
  assert.equal(condition?.message, `${'x'.repeat(4_096)}…`)
})

test('triad() has exactly one of three true', () => {
  for (const kind of ['ready', 'working', 'stalled'] as const) {
    const findings = triad({ kind, reason: 'R', message: 'm' })
    assert.deepEqual(
      findings.map(({ type }) => type),
      ['Ready', 'Reconciling', 'Stalled'],
    )
    assert.equal(findings.filter(({ status }) => status === 'True').length, 1)
    assert.ok(findings.every(({ reason, message }) => reason === 'R' && message === 'm'))
  }
})
