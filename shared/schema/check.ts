/**
 * Does a value fit a schema of ours, and if not, where? The keywords are those of the table below (JSON Schema 2020-12, validation);
 * what a schema does not name is let through, as the API server does before it prunes.
 */
import type { Static, TSchema } from './type.ts'

export interface Misfit {
  /** JSON pointer (RFC 6901) to the value; empty for the whole. */
  readonly instancePath: string
  /** What it must be, e.g. `must be an integer`. */
  readonly message: string
}

interface Schema {
  readonly type?: string
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly maxProperties?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
}

/** Told of the value, not of the shape. */
const notes = ['description', 'default', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys']
const keywords = new Set([
  ...['type', 'anyOf', 'const', 'enum', 'properties', 'required', 'patternProperties', 'items'],
  ...[
    'minItems',
    'maxItems',
    'maxProperties',
    'minLength',
    'maxLength',
    'pattern',
    'format',
    'minimum',
    'maximum',
  ],
  ...notes,
])
const types = new Set(['string', 'integer', 'number', 'boolean', 'null', 'array', 'object'])

/**
 * The schema itself, where every word of it is understood here. Throws `TypeError` otherwise: a word that nobody heeds would let
 * everything through. For the place where a schema is defined.
 */
export function understood<const S extends TSchema>(schema: S): S {
  demandUnderstood(schema as Schema)
  return schema
}

function demandUnderstood(schema: Schema): void {
  const { type, anyOf = [], properties = {}, patternProperties = {}, items } = schema
  const unknown = Object.keys(schema).find((word) => !keywords.has(word))
  if (unknown !== undefined) throw new TypeError(`Cannot check a schema with "${unknown}" in it`)
  if (type !== undefined && !types.has(type))
    throw new TypeError(`Cannot check a value of type "${type}"`)
  const parts = [...anyOf, ...Object.values(properties), ...Object.values(patternProperties)]
  for (const part of items === undefined ? parts : [...parts, items]) demandUnderstood(part)
}

/** True for a value of the schema. */
export function fits<const S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return misfit(schema, value) === undefined
}

/**
 * The value without the members that are null and might as well be missing, at every depth that the schema describes: programs in other languages
 * write what they do not have as null. A null that the schema takes stays.
 */
export function withoutNulls(schema: TSchema, value: unknown): unknown {
  return withoutNullsOf(schema as Schema, value)
}

function withoutNullsOf(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((item) => withoutNullsOf(items, item))
  }
  if (typeof value !== 'object' || value === null || schema.properties === undefined) return value
  const { properties, required = [] } = schema
  const members = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const known = ownSchema(properties, name)
    if (known === undefined) return [[name, member]]
    const isSurplus = member === null && !required.includes(name) && misfitAt(known, null, '')
    return isSurplus ? [] : [[name, withoutNullsOf(known, member)]]
  })
  return Object.fromEntries(members)
}

/** The first place where the value does not fit; nothing where it fits. */
export function misfit(schema: TSchema, value: unknown): Misfit | undefined {
  return misfitAt(schema as Schema, value, '')
}

function misfitAt(schema: Schema, value: unknown, path: string): Misfit | undefined {
  if (schema.anyOf !== undefined) return ofNone(schema.anyOf, value, path)
  const words = 'const' in schema ? [schema.const] : schema.enum
  if (words?.includes(value) === false) return no(path, `must be ${oneOf(words)}`)
  switch (schema.type) {
    case undefined:
      return undefined
    case 'string':
      return textMisfit(schema, value, path)
    case 'integer':
    case 'number':
      return numberMisfit(schema, value, path)
    case 'boolean':
      return typeof value === 'boolean' ? undefined : no(path, 'must be true or false')
    case 'null':
      return value === null ? undefined : no(path, 'must be null')
    case 'array':
      return listMisfit(schema, value, path)
    case 'object':
      return recordMisfit(schema, value, path)
    default:
      throw new TypeError(`Cannot check a value of type "${schema.type}"`)
  }
}

function ofNone(options: readonly Schema[], value: unknown, path: string): Misfit | undefined {
  if (options.some((option) => misfitAt(option, value, path) === undefined)) return undefined
  const words = options.map((option) => option.const ?? option.type)
  return no(path, `must be ${oneOf(words)}`)
}

function oneOf(words: readonly unknown[]): string {
  return words.length === 1 ? String(words[0]) : `one of ${words.join(', ')}`
}

function textMisfit(schema: Schema, value: unknown, path: string): Misfit | undefined {
  if (typeof value !== 'string') return no(path, 'must be a text')
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format } = schema
  const length = charactersOf(value)
  if (length < minLength) return no(path, `must have at least ${minLength} characters`)
  if (length > maxLength) return no(path, `must have at most ${maxLength} characters`)
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
    return no(path, `must match ${pattern}`)
  if (format === 'date-time' && !isDateTime(value))
    return no(path, 'must be a time such as 2026-11-25T10:55:33Z')
  return undefined
}

/** Code points, as JSON Schema counts them and the API server does. */
function charactersOf(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** RFC 3339, section 5.6. */
function isDateTime(text: string): boolean {
  const shape = /^\d{4}-\d\d-\d\d[tT ]\d\d:\d\d:\d\d(\.\d+)?([zZ]|[+-]\d\d:\d\d)$/
  return shape.test(text) && !Number.isNaN(Date.parse(text)) && isDay(text.slice(0, 10))
}

/** Date.parse() takes 30 February for 2 March. */
function isDay(date: string): boolean {
  return new Date(Date.parse(date)).toISOString().startsWith(date)
}

function numberMisfit(
  { type, minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY }: Schema,
  value: unknown,
  path: string,
): Misfit | undefined {
  if (type === 'integer' && !Number.isInteger(value)) return no(path, 'must be an integer')
  if (!Number.isFinite(value)) return no(path, 'must be a number')
  const number = Number(value)
  if (number < minimum) return no(path, `must be at least ${minimum}`)
  return number > maximum ? no(path, `must be at most ${maximum}`) : undefined
}

function listMisfit(schema: Schema, value: unknown, path: string): Misfit | undefined {
  if (!Array.isArray(value)) return no(path, 'must be a list')
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
  if (value.length < minItems) return no(path, `must have at least ${minItems} items`)
  if (value.length > maxItems) return no(path, `must have at most ${maxItems} items`)
  if (items === undefined) return undefined
  return firstOf(value.entries(), ([index, item]) => misfitAt(items, item, `${path}/${index}`))
}

function recordMisfit(schema: Schema, value: unknown, path: string): Misfit | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return no(path, 'must be an object')
  const missing = schema.required?.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) return no(path, `must have the property ${missing}`)
  const { maxProperties = Number.POSITIVE_INFINITY } = schema
  if (Object.keys(value).length > maxProperties)
    return no(path, `must have at most ${maxProperties} properties`)
  const [values] = Object.values(schema.patternProperties ?? {})
  return firstOf(Object.entries(value), ([name, property]) => {
    const known = ownSchema(schema.properties, name) ?? values
    if (known === undefined || isLeftOut(schema, name, property)) return undefined
    return misfitAt(known, property, `${path}/${escaped(name)}`)
  })
}

/** A property that may be missing may be there without a value. */
function isLeftOut({ required = [] }: Schema, name: string, value: unknown): boolean {
  return value === undefined && !required.includes(name)
}

function ownSchema(properties: Schema['properties'], name: string): Schema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
}

function firstOf<T>(items: Iterable<T>, look: (item: T) => Misfit | undefined): Misfit | undefined {
  for (const item of items) {
    const found = look(item)
    if (found !== undefined) return found
  }
  return undefined
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function no(instancePath: string, message: string): Misfit {
  return { instancePath, message }
}
