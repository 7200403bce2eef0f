/**
 * TypeBox's JSON Schema → the *structural* schema that a CustomResourceDefinition takes
 * (Kubernetes documentation, "Specifying a structural schema"): every value has a type, unions of literals become an enum,
 * records become `additionalProperties`, and rules in CEL hang on the field they are about.
 */
import type { FieldRule } from './common.ts'

export type Schema = Record<string, unknown>

export function structuralSchema(schema: unknown): Schema {
  const source = schema as Schema
  if (Array.isArray(source.anyOf)) return enumeration(source)
  const kept = Object.entries(source).filter(([key]) => !dropped.has(key))
  const out: Schema = Object.fromEntries(kept)
  if (source.properties !== undefined) out.properties = eachProperty(source.properties as Schema)
  if (source.items !== undefined) out.items = structuralSchema(source.items)
  if (source.patternProperties !== undefined) {
    const [values] = Object.values(source.patternProperties as Schema)
    out.additionalProperties = structuralSchema(values)
  }
  return out
}

const dropped = new Set(['patternProperties', 'additionalProperties', '$id', '$schema', 'const'])

function eachProperty(properties: Schema): Schema {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, structuralSchema(value)]),
  )
}

function enumeration({ anyOf, description, default: preset }: Schema): Schema {
  const values = (anyOf as { const?: unknown }[]).map((option) => option.const)
  if (values.some((value) => typeof value !== 'string'))
    throw new TypeError('Cannot make a structural schema: only unions of text literals have one')
  return {
    type: 'string',
    enum: values,
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
  }
}

/** Hangs each rule on the field that its path names, below the schema of `spec`. */
export function withRules(spec: Schema, rules: readonly FieldRule[]): Schema {
  const copy = structuredClone(spec)
  for (const { path, holds: _, ...rule } of rules) {
    if (rule.rule === undefined) continue
    const target = path.reduce<Schema>((schema, name) => inner(schema, name) ?? missing(path), copy)
    const list = (target['x-kubernetes-validations'] as unknown[] | undefined) ?? []
    target['x-kubernetes-validations'] = [...list, rule]
  }
  return copy
}

function inner({ properties, items }: Schema, name: string): Schema | undefined {
  if (name === '[]') return items as Schema | undefined
  return (properties as Record<string, Schema> | undefined)?.[name]
}

function missing(path: readonly string[]): never {
  throw new TypeError(`Cannot hang a rule on "${path.join('.')}": there is no such field`)
}
