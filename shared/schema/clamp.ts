/**
 * Makes a value fit the bounds of its schema by leaving out what is too much of it. For what a program writes about itself: a message
 * that is cut is better than one that is refused as a whole.
 */
import type { TSchema } from './type.ts'

interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly maxItems?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly format?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
}

/**
 * The value with texts cut to `maxLength`, lists to the first `maxItems`, items of a map list to one a key (the last), numbers moved into
 * `minimum` and `maximum`, and without properties whose value is missing, or is a text that is no time where the format is `date-time`.
 * Bounds from below (`minLength`, `minItems`), patterns and required properties are for whoever makes the value.
 */
export function clamped<T>(schema: TSchema, value: T): T {
  return clampedTo(schema as Schema, value) as T
}

function clampedTo(schema: Schema, value: unknown): unknown {
  if (typeof value === 'string') return text(value, schema.maxLength)
  if (typeof value === 'number') return number(value, schema)
  if (Array.isArray(value)) return list(value, schema)
  if (typeof value === 'object' && value !== null) return record(value, schema)
  return value
}

/** Lengths count UTF-16 units here and code points elsewhere, which are never more. No pair is cut in two. */
function text(value: string, maxLength = Number.POSITIVE_INFINITY): string {
  if (value.length <= maxLength) return value
  const cut = value.slice(0, Math.max(maxLength - 1, 0)).replace(/[\uD800-\uDBFF]$/, '')
  return maxLength < 1 ? '' : `${cut}…`
}

function number(value: number, { minimum, maximum }: Schema): number {
  return Math.min(
    Math.max(value, minimum ?? Number.NEGATIVE_INFINITY),
    maximum ?? Number.POSITIVE_INFINITY,
  )
}

function list(values: readonly unknown[], schema: Schema): unknown[] {
  const { items, maxItems = Number.POSITIVE_INFINITY } = schema
  const kept = oneOfEachKey(values, schema['x-kubernetes-list-map-keys']).slice(0, maxItems)
  return items === undefined ? kept : kept.map((value) => clampedTo(items, value))
}

function oneOfEachKey(values: readonly unknown[], keys: readonly string[] | undefined) {
  if (keys === undefined) return [...values]
  const keyOf = (value: unknown): string =>
    JSON.stringify(keys.map((key) => (value as Record<string, unknown>)[key]))
  return [...new Map(values.map((value) => [keyOf(value), value])).values()]
}

function record(value: object, { properties = {}, patternProperties }: Schema): object {
  const [others] = Object.values(patternProperties ?? {})
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, property]) => {
      const schema = (Object.hasOwn(properties, name) ? properties[name] : others) ?? {}
      return property === undefined || isNoTime(schema, property)
        ? []
        : [[name, clampedTo(schema, property)]]
    }),
  )
}

function isNoTime({ format }: Schema, value: unknown): boolean {
  return format === 'date-time' && (typeof value !== 'string' || Number.isNaN(Date.parse(value)))
}
