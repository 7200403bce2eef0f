/** Kubernetes' quantities (resource.Quantity): `1Gi`, `500m`, `1.5e3`. The API server writes them anew, so texts that differ may be equal. */

const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const shape = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?$/

/** In billionths, what is finer rounded up as Kubernetes does; nothing for a text that is no quantity. */
export function quantityNanos(text: string): bigint | undefined {
  const [, sign = '', whole = '', fraction = '', power2, power10 = '', exponent] =
    shape.exec(text) ?? []
  const digits = whole + fraction
  if (digits === '') return undefined
  const tens = power2 === undefined ? tensOf(power10, exponent) : 9
  const factor = power2 === undefined ? 1n : 1024n ** BigInt(binary.indexOf(power2) + 1)
  const shift = tens - fraction.length
  const value = BigInt(digits) * factor
  const scaled = shift >= 0 ? value * 10n ** BigInt(shift) : up(value, 10n ** BigInt(-shift))
  return sign === '-' ? -scaled : scaled
}

/** Powers of ten of a billionth: `n` is 0, nothing 9, `k` 12. */
function tensOf(suffix: string, exponent: string | undefined): number {
  return exponent === undefined ? decimal.indexOf(suffix) * 3 : 9 + Number(exponent)
}

function up(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor
}

export function isSameQuantity(a: string, b: string): boolean {
  const [left, right] = [quantityNanos(a), quantityNanos(b)]
  return a === b || (left !== undefined && left === right)
}

/** False also where one of them is no quantity. */
export function isLarger(a: string, b: string): boolean {
  const [left, right] = [quantityNanos(a), quantityNanos(b)]
  return left !== undefined && right !== undefined && left > right
}
