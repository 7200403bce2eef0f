import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseInstant } from '#server/access/instant.ts'
import { hasCode } from '#shared/errors.ts'

test('parseInstant() reads instants with and without zone and decimals', () => {
  const cases: [string, number][] = [
    ['2030-01-31T01:02:03', Date.UTC(2030, 0, 31, 1, 2, 3)],
    ['2030-01-31T01:02:03.5', Date.UTC(2030, 0, 31, 1, 2, 3, 500)],
    ['2030-01-31T01:02:03.1234567Z', Date.UTC(2030, 0, 31, 1, 2, 3, 123)],
    ['2030-01-31T02:02:03+01:00', Date.UTC(2030, 0, 31, 1, 2, 3)],
    ['2030-01-31T01:02:03-01:30', Date.UTC(2030, 0, 31, 2, 32, 3)],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
  ]
  for (const [text, instant] of cases) assert.equal(parseInstant('NotAfter', text), instant, text)
})

test('parseInstant() refuses days, hours and zones that no calendar has', () => {
  const wrong = [
    ...['2030-02-30T00:00:00Z', '2027-02-29T00:00:00Z', '2030-13-01T00:00:00Z'],
    ...['2030-00-01T00:00:00Z', '2030-01-01T24:00:00Z', '2030-01-01T00:60:00Z'],
    ...['2030-01-01T00:00:60Z', '2030-01-01T00:00:00+24:00', '2030-01-01T00:00:00+01:60'],
    ...['0000-01-01T00:00:00Z', '2030-01-01', 'soon', '', 5, null, {}],
  ]
  for (const value of wrong) {
    assert.throws(
      () => parseInstant('NotAfter', value),
      (error) => hasCode(error, 'CertificateFormatInvalid') && error.message.includes('NotAfter'),
      String(value),
    )
  }
})

test('parseInstant() reads back every instant that is written', () => {
  const instants = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(instants, (date) => {
      assert.equal(parseInstant('NotAfter', date.toISOString()), date.getTime())
    }),
  )
})
