import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { timeOf } from '#shared/pki/asn1-time.ts'
import { parse } from '#shared/pki/ber.ts'
import { time } from '#shared/pki/der-values.ts'
import { generalizedTime, impossibleTimes, utcTime } from '#test/support/handmade-certificates.ts'

const read = (der: Buffer) => new Date(timeOf(parse(der))).toISOString()

test('timeOf() reads both forms, and two digits of a year as 1950 to 2049', () => {
  const times: readonly [Buffer, string][] = [
    [utcTime('491231235959Z'), '2049-12-31T23:59:59.000Z'],
    [utcTime('500101000000Z'), '1950-01-01T00:00:00.000Z'],
    [utcTime('991231235959Z'), '1999-12-31T23:59:59.000Z'],
    [utcTime('000229000000Z'), '2000-02-29T00:00:00.000Z'],
    [generalizedTime('20280229120000Z'), '2028-02-29T12:00:00.000Z'],
    [generalizedTime('00010101000000Z'), '0001-01-01T00:00:00.000Z'],
    [generalizedTime('00990101000000Z'), '0099-01-01T00:00:00.000Z'],
    [generalizedTime('99991231235959Z'), '9999-12-31T23:59:59.000Z'],
  ]
  for (const [der, expected] of times) assert.equal(read(der), expected)
})

for (const [what, der] of Object.entries(impossibleTimes)) {
  test(`timeOf() refuses ${what}`, () => assert.throws(() => timeOf(parse(der)), /is no time$/))
}

test('timeOf() reads whatever time() writes', () => {
  const seconds = fc.integer({
    min: Date.UTC(1950, 0) / 1000,
    max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000,
  })
  fc.assert(
    fc.property(seconds, (second) =>
      assert.equal(timeOf(parse(time(second * 1000))), second * 1000),
    ),
  )
})
