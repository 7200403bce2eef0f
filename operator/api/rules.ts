/**
 * Rules that more than one field needs, each in CEL for the API server and as a function for what was stored before the rule was there
 * (`schemaTrouble()`). `self` is the value of the field that the rule hangs on.
 */
import { isLarger, quantityNanos } from '#operator/kube/quantity.ts'
import type { FieldRule } from './common.ts'
import { qualifiedNamePattern } from './texts.ts'

type TextMap = Readonly<Record<string, string>>

/** Exactly one of these fields is there. */
export function exactlyOne(
  path: readonly string[],
  names: readonly string[],
  message: string,
): FieldRule {
  const fields = names.map((name) => `has(self.${name})`).join(', ')
  return {
    path,
    rule: `[${fields}].filter(x, x).size() == 1`,
    message,
    holds: (self) => countOf(self, names) === 1,
  }
}

/** How many of these fields an object has. */
export function countOf(self: unknown, names: readonly string[]): number {
  return names.filter((name) => (self as Record<string, unknown>)[name] !== undefined).length
}

/** A text as a literal of CEL. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

const qualified = new RegExp(qualifiedNamePattern)

/** Keys of a map are keys of labels or annotations (`IsQualifiedName`). */
export function qualifiedKeys(path: readonly string[]): FieldRule {
  return {
    path,
    rule: `self.all(key, key.matches(${literal(qualifiedNamePattern)}) && key.split('/')[0].size() <= 253)`,
    message:
      'each key is an optional DNS name and "/", and a name of at most 63 letters, digits, "-", "_" and "." that begins and ends with a letter or digit',
    holds: (map) =>
      Object.keys(map as TextMap).every(
        (key) => qualified.test(key) && (key.split('/')[0]?.length ?? 0) <= 253,
      ),
  }
}

const ownLabels = ['name', 'instance', 'component', 'managed-by', 'part-of'].map(
  (name) => `app.kubernetes.io/${name}`,
)

/** Keys that the operator itself writes are not declared beside it. */
export function noKeysOfOurs(path: readonly string[]): FieldRule {
  return {
    path,
    rule: `self.all(key, !key.startsWith('strongroom.dev/') && !(key in [${ownLabels.map(literal).join(', ')}]))`,
    message: `keys below strongroom.dev/ and ${ownLabels[0]}, instance, component, managed-by and part-of are written by the operator: choose others`,
    holds: (map) =>
      Object.keys(map as TextMap).every(
        (key) => !key.startsWith('strongroom.dev/') && !ownLabels.includes(key),
      ),
  }
}

/** The amounts of `requests` or `limits`: of what a container of ours can have, and none that Kubernetes would cut. */
export function containerAmounts(path: readonly string[]): FieldRule {
  return {
    path,
    rule: `self.all(key, key in [${amounts.map(literal).join(', ')}] && quantity(self[key]).compareTo(quantity('1E')) <= 0)`,
    message:
      'cpu, memory and ephemeral-storage can be requested and limited, none of them above 1E',
    holds: (map) =>
      Object.entries(map as TextMap).every(
        ([key, amount]) => amounts.includes(key) && !isLarger(amount, '1E'),
      ),
  }
}

const amounts = ['cpu', 'memory', 'ephemeral-storage']

/** At least one amount and at most another, both quantities. */
export function amountWithin(
  path: readonly string[],
  {
    least,
    most,
    message,
  }: { readonly least: string; readonly most: string; readonly message: string },
): FieldRule {
  return {
    path,
    rule: `quantity(self).compareTo(quantity('${least}')) >= 0 && quantity(self).compareTo(quantity('${most}')) <= 0`,
    message,
    holds: (text) =>
      quantityNanos(String(text)) !== undefined &&
      !isLarger(least, String(text)) &&
      !isLarger(String(text), most),
  }
}
