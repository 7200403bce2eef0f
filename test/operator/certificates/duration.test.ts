import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { durationMs } from '#operator/certificates/duration.ts'

test('durationMs() adds up hours, minutes and seconds, for all of them', () => {
  const part = fc.option(fc.nat({ max: 50_000 }), { nil: undefined })
  fc.assert(
    fc.property(part, part, part, (hours, minutes, seconds) => {
      const written = [
        [hours, 'h'],
        [minutes, 'm'],
        [seconds, 's'],
      ].flatMap(([value, unit]) => (value === undefined ? [] : [`${value}${unit}`]))
      fc.pre(written.length > 0)
      const expected = ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000
      assert.equal(durationMs(written.join('')), expected)
    }),
  )
})

test('durationMs() fails on anything else, and never gives a life of nothing for it', () => {
  for (const text of ['', '90', '90d', '1m1h', '1.5h', '-1h', ' 1h', '1h ', '1H', 'h', '1hm'])
    assert.throws(() => durationMs(text), /is no duration/, text)
})
