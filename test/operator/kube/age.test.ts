import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEarlier } from '#operator/kube/age.ts'
import { strongroom } from '#test/support/resources.ts'

const made = (creationTimestamp: string, uid: string) =>
  strongroom({ metadata: { creationTimestamp, uid } })

test('isEarlier() goes by creation, then by uid, and never says so of both or of one and itself', () => {
  const [a, b, c] = [
    made('2026-01-01T00:00:00Z', 'z'),
    made('2026-01-01T00:00:01Z', 'a'),
    made('2026-01-01T00:00:01Z', 'b'),
  ]
  for (const [earlier, later] of [
    [a, b],
    [b, c],
    [a, c],
  ] as const) {
    assert.equal(isEarlier(earlier, later), true)
    assert.equal(isEarlier(later, earlier), false)
  }
  assert.equal(isEarlier(a, a), false)
})
