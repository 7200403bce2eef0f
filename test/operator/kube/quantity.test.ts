import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isLarger, isSameQuantity, quantityNanos } from '#operator/kube/quantity.ts'

test('quantityNanos() reads what Kubernetes reads', () => {
  const cases: readonly [text: string, nanos: bigint | undefined][] = [
    ['0', 0n],
    ['1', 1_000_000_000n],
    ['100m', 100_000_000n],
    ['1.5', 1_500_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5_000_000_000n],
    ['1Ki', 1024_000_000_000n],
    ['0.5Gi', 536_870_912_000_000_000n],
    ['1Gi', 1_073_741_824_000_000_000n],
    ['2Ei', 2n * 1024n ** 6n * 1_000_000_000n],
    ['1E', 10n ** 27n],
    ['1e3', 1_000_000_000_000n],
    ['1E3', 1_000_000_000_000n],
    ['12e-3', 12_000_000n],
    ['1n', 1n],
    ['0.5n', 1n],
    ['3u', 3_000n],
    ['-1k', -1_000_000_000_000n],
    ['+1', 1_000_000_000n],
    ...['', 'Gi', '.', '1 Gi', '1KI', '1ki', '1Gib', 'lots', '1e', '0x10', '1e99999', '١'].map(
      (text): [string, undefined] => [text, undefined],
    ),
  ]
  for (const [text, nanos] of cases) assert.equal(quantityNanos(text), nanos, text)
})

test('isSameQuantity() sees through the way it is written', () => {
  const same: readonly [string, string][] = [
    ['1Gi', '1024Mi'],
    ['1000m', '1'],
    ['1.5G', '1500M'],
    ['0.5Gi', '512Mi'],
    ['1e3', '1k'],
    ['lots', 'lots'],
  ]
  for (const [a, b] of same) assert.ok(isSameQuantity(a, b), `${a} ${b}`)
  for (const [a, b] of [
    ['1Gi', '1G'],
    ['1', '1m'],
    ['lots', 'many'],
    ['', '0'],
  ] as const)
    assert.ok(!isSameQuantity(a, b), `${a} ${b}`)
})

test('isLarger() compares amounts and says no about what is none', () => {
  assert.ok(isLarger('2Gi', '2G'))
  assert.ok(!isLarger('1Gi', '1024Mi'))
  assert.ok(!isLarger('lots', '1'))
  assert.ok(!isLarger('1', 'few'))
})

test('quantityNanos() is the product of number and suffix, for every number', () => {
  const suffixes = [
    ['', 0],
    ['k', 3],
    ['M', 6],
    ['G', 9],
    ['T', 12],
    ['P', 15],
  ] as const
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat({ max: 999_999_999 }),
      fc.constantFrom(...suffixes),
      (whole, part, [suffix, tens]) => {
        const text = `${whole}.${String(part).padStart(9, '0')}${suffix}`
        const nanos = BigInt(whole) * 10n ** 9n + BigInt(part)
        assert.equal(quantityNanos(text), nanos * 10n ** BigInt(tens))
      },
    ),
  )
})

test('isLarger() and isSameQuantity() order quantities: exactly one of larger, same, smaller', () => {
  const quantity = fc
    .tuple(fc.nat(), fc.constantFrom('', 'm', 'k', 'Ki', 'M', 'Mi', 'G', 'Gi'))
    .map(([number, suffix]) => `${number}${suffix}`)
  fc.assert(
    fc.property(quantity, quantity, (a, b) => {
      const holds = [isLarger(a, b), isSameQuantity(a, b), isLarger(b, a)].filter(Boolean)
      assert.equal(holds.length, 1)
    }),
  )
})
