import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundedRefusals } from '#server/access/refusal-lines.ts'
import type { AuditEvent } from '#server/audit/event.ts'
import { refusalLinesMax } from '#server/limits.ts'

function refusals() {
  const lines: AuditEvent[] = []
  const clock = { time: 0, now: () => clock.time }
  const refuse = boundedRefusals((event) => lines.push(event), clock)
  const event: AuditEvent = { act: 'access refused', facts: { code: 'NoCertificate' } }
  return { lines, clock, refuse: (who?: string) => refuse(event, who) }
}

test('boundedRefusals() writes so many lines of strangers a second, and says then how many it left out', () => {
  const { lines, clock, refuse } = refusals()
  for (let request = 0; request < refusalLinesMax + 500; request += 1) refuse()
  assert.equal(lines.length, refusalLinesMax)
  clock.time = 999
  refuse()
  assert.equal(lines.length, refusalLinesMax)
  clock.time = 1_000
  refuse()
  refuse()
  const [first, second] = lines.slice(refusalLinesMax)
  assert.deepEqual(first?.facts, { code: 'NoCertificate', leftOutBefore: 501 })
  assert.deepEqual(second?.facts, { code: 'NoCertificate' })
})

test('boundedRefusals() counts everybody who is registered by himself', () => {
  const { lines, refuse } = refusals()
  for (let request = 0; request < 100; request += 1) refuse()
  refuse('A1')
  refuse('B2')
  assert.equal(lines.length, refusalLinesMax + 2)
})

test('boundedRefusals() goes on where the clock was put back', () => {
  const { lines, clock, refuse } = refusals()
  clock.time = 1_000_000
  for (let request = 0; request < refusalLinesMax; request += 1) refuse()
  clock.time = 5
  refuse()
  assert.equal(lines.length, refusalLinesMax + 1)
})
