import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { generatedFiles } from '#operator/api/generate.ts'
import { customKinds } from '#operator/api/kinds.ts'

const root = join(import.meta.dirname, '../../..')

for (const [file, text] of generatedFiles()) {
  test(`${file} is what operator/api generates`, () => {
    assert.equal(readFileSync(join(root, file), 'utf8'), text, 'run `npm run generate`')
  })
}

interface Definition {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly names: { readonly shortNames: string[]; readonly categories: string[] }
    readonly versions: { readonly schema: { readonly openAPIV3Schema: unknown } }[]
  }
}

const definitions = customKinds.map((kind) => ({
  kind,
  definition: load(generatedFiles().get(`crds/${kind.plural}.yaml`) ?? '') as Definition,
}))

test('every kind has a short name and is in the category strongroom-all', () => {
  for (const { definition } of definitions) {
    assert.deepEqual(definition.spec.names.categories, ['strongroom-all'])
    assert.equal(definition.spec.names.shortNames.length, 1)
  }
  assert.deepEqual(
    definitions.map(({ definition }) => definition.spec.names.shortNames[0]),
    ['sr', 'srdb', 'srcert', 'srperm'],
  )
})

test('every schema is structural: each value has a type, each text and list a bound', () => {
  for (const { kind, definition } of definitions) {
    visit(definition.spec.versions[0]?.schema.openAPIV3Schema, kind.kind, (schema, path) => {
      assert.ok(schema.type !== undefined, `${path} has no type`)
      const isMetadata =
        path.endsWith('.metadata') || path.endsWith('.kind') || path.endsWith('.apiVersion')
      if (schema.type === 'array')
        assert.ok(schema.maxItems !== undefined, `${path} has no maxItems`)
      const isBounded =
        schema.maxLength !== undefined || schema.enum !== undefined || schema.format !== undefined
      if (schema.type === 'string' && !isMetadata) assert.ok(isBounded, `${path} has no bound`)
      assert.equal(
        schema.additionalProperties === false,
        false,
        `${path} forbids unknown fields, which prunes nothing`,
      )
    })
  }
})

test('no definition is too large for a client-side apply', () => {
  for (const { kind } of definitions)
    assert.ok((generatedFiles().get(`crds/${kind.plural}.yaml`)?.length ?? 0) < 200 * 1024)
})

type Schema = { readonly [key: string]: unknown }

function visit(schema: unknown, path: string, look: (schema: Schema, path: string) => void): void {
  const one = schema as Schema
  look(one, path)
  for (const [name, inner] of Object.entries((one.properties as Schema | undefined) ?? {}))
    visit(inner, `${path}.${name}`, look)
  if (one.items !== undefined) visit(one.items, `${path}[]`, look)
  if (typeof one.additionalProperties === 'object')
    visit(one.additionalProperties, `${path}{}`, look)
}
