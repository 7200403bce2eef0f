/**
 * Hostile values for every field of a kind: what its schema says of a field decides which values are tried there. `bases` are resources that, together, have
 * every field.
 */
import type { CustomKind } from '#operator/api/kind.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { withField } from './field-values.ts'

export interface HostileSpec {
  /** Below the resource. */
  readonly path: string
  readonly value: unknown
  readonly resource: Base
}

type Base = KubeObject & { readonly spec: unknown }
type Path = readonly (string | number)[]

interface Schema {
  readonly type?: string
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly maxItems?: number
  readonly maxLength?: number
}

export function hostileSpecs(kind: CustomKind, bases: readonly Base[]): readonly HostileSpec[] {
  const found = new Map<string, HostileSpec>()
  for (const base of bases) {
    for (const { path, schema, value: present } of fieldsOf(kind.spec as Schema, base.spec, [
      'spec',
    ])) {
      for (const value of valuesFor(schema, present)) {
        const place = path.join('.')
        const id = `${place} ${JSON.stringify(value)}`
        if (!found.has(id))
          found.set(id, { path: place, value, resource: withField(base, path, value) })
      }
    }
  }
  return [...found.values()]
}

/** Fields of the schema that no base has, which nothing would be tried on. */
export function missedFields(kind: CustomKind, bases: readonly Base[]): readonly string[] {
  const place = (path: Path): string => path.filter((step) => typeof step === 'string').join('.')
  const reached = new Set(
    bases.flatMap((base) =>
      fieldsOf(kind.spec as Schema, base.spec, []).map(({ path }) => place(path)),
    ),
  )
  return schemaPaths(kind.spec as Schema, []).filter((path) => !reached.has(path))
}

interface Field {
  readonly path: Path
  readonly schema: Schema
  readonly value: unknown
}

function fieldsOf(schema: Schema, value: unknown, path: Path): readonly Field[] {
  const here = path.length > 1 || path[0] !== 'spec' ? [{ path, schema, value }] : []
  if (typeof value !== 'object' || value === null) return here
  const inner = Array.isArray(value)
    ? value.slice(0, 1).map((item) => [0, schema.items, item] as const)
    : Object.entries(value).map(
        ([name, item]) =>
          [name, schema.properties?.[name] ?? schema.patternProperties?.['^.*$'], item] as const,
      )
  const below = inner.flatMap(([name, its, item]) =>
    its === undefined ? [] : fieldsOf(its, item, [...path, name]),
  )
  return [...here.filter(({ path: its }) => its.length > 0), ...below]
}

function schemaPaths(
  { properties = {}, items }: Schema,
  path: readonly string[],
): readonly string[] {
  const inner = items === undefined ? [] : schemaPaths(items, path)
  const named = Object.entries(properties).flatMap(([name, schema]) => [
    [...path, name].join('.'),
    ...schemaPaths(schema, [...path, name]),
  ])
  return [...inner, ...named]
}

const texts: readonly string[] = [
  ...['', ' ', '\n', 'a\nb', 'a\0b', 'a\u202eb', 'a\u2028b', '\ud83d\ude00', 'ä', 'İ', 'ﬀ'],
  ...['.', '..', 'a..b', '../../etc/passwd', '/', 'a/b', '-', '--help', '*', '*.com', '%00'],
  ...['{{ .Values.x }}', '$(A)', '${A}', '`id`', "'", '"', 'null', 'true', '0', '-1', '1e9', '0Gi'],
  ...[
    '9999999999999P',
    '0s',
    '10.0.0.1',
    '::1',
    'localhost',
    'kubernetes.default.svc',
    'CON',
    'System',
  ],
  ...[
    'https://',
    'https://[',
    'https://a@b/',
    '9999-12-31T23:59:59Z',
    'a'.repeat(64),
    'a'.repeat(254),
  ],
]
const numbers: readonly unknown[] = [0, -1, 1.5, 2 ** 31, 2 ** 53, 1e300, '1', null]

function valuesFor(schema: Schema, present: unknown): readonly unknown[] {
  if (schema.anyOf !== undefined || schema.type === 'string')
    return [...texts, 'x'.repeat((schema.maxLength ?? 1_000) + 1), 0, null, [], {}]
  if (schema.type === 'integer' || schema.type === 'number') return numbers
  if (schema.type === 'boolean') return ['true', 0, null, {}]
  if (schema.type === 'array') return lists(schema, Array.isArray(present) ? present : [])
  if (schema.patternProperties !== undefined) return maps(present)
  return [{}, null, [], 'x', { unknown: 'x' }]
}

function lists({ maxItems = 100 }: Schema, present: readonly unknown[]): readonly unknown[] {
  const [item = 'x'] = present
  return [
    [],
    [item, item],
    Array.from({ length: maxItems + 1 }, () => item),
    [null],
    ['x'],
    {},
    'x',
    null,
  ]
}

function maps(present: unknown): readonly unknown[] {
  const [value = 'x'] = Object.values((present ?? {}) as Record<string, unknown>)
  const keys = [
    '',
    ' ',
    'a b',
    'a\nb',
    '/',
    'a/',
    '/a',
    '..',
    'ä',
    'strongroom.dev/cluster',
    'a'.repeat(64),
  ]
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, value]))
  return [{}, ...keys.map((key) => ({ [key]: value })), many, [], null, 'x']
}
