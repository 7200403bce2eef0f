import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customResourceDefinition } from '#operator/api/crd.ts'
import { customKinds } from '#operator/api/kinds.ts'

interface Definition {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly scope: string
    readonly names: Readonly<Record<string, unknown>>
    readonly versions: readonly {
      readonly name: string
      readonly served: boolean
      readonly storage: boolean
      readonly subresources: unknown
      readonly additionalPrinterColumns: readonly {
        readonly name: string
        readonly priority?: number
      }[]
      readonly schema: { readonly openAPIV3Schema: Schema }
    }[]
  }
}
interface Schema {
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly 'x-kubernetes-map-type'?: string
  readonly 'x-kubernetes-validations'?: readonly {
    readonly rule: string
    readonly message: string
  }[]
}

const definitions = customKinds.map((kind) => {
  const definition = customResourceDefinition(kind) as unknown as Definition
  const [version, ...others] = definition.spec.versions
  assert.deepEqual(others, [])
  return { kind, definition, version: version ?? assert.fail() }
})

test('customResourceDefinition() is namespaced, has a status of its own and one stored version', () => {
  for (const { kind, definition, version } of definitions) {
    assert.equal(definition.metadata.name, `${kind.plural}.strongroom.dev`)
    assert.equal(definition.spec.scope, 'Namespaced')
    assert.equal(definition.spec.names.singular, kind.kind.toLowerCase())
    const { name, served, storage, subresources } = version
    assert.deepEqual(
      { name, served, storage, subresources },
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
      },
    )
    assert.deepEqual(version.schema.openAPIV3Schema.required, ['spec'])
  }
})

test('customResourceDefinition() makes a status one piece of one writer', () => {
  for (const { version } of definitions) {
    const { status, spec } = version.schema.openAPIV3Schema.properties ?? {}
    assert.equal(status?.['x-kubernetes-map-type'], 'atomic')
    assert.equal(spec?.['x-kubernetes-map-type'], undefined)
  }
})

test('customResourceDefinition() shows the same columns for every kind: ready, why, age, and what it says when asked', () => {
  const shown = (kind: string, isWide: boolean): string[] =>
    (definitions.find((one) => one.kind.kind === kind)?.version.additionalPrinterColumns ?? [])
      .filter(({ priority }) => (priority === 1) === isWide)
      .map(({ name }) => name)
  assert.deepEqual(shown('Strongroom', false), [
    'Ready',
    'Reason',
    'Members',
    'URL',
    'Issuer',
    'Expires',
    'Renews',
    'Age',
  ])
  assert.deepEqual(shown('StrongroomDatabase', false), [
    'Cluster',
    'Encrypted',
    'Ready',
    'Reason',
    'Age',
  ])
  assert.deepEqual(shown('StrongroomCertificate', false), [
    'Cluster',
    'Ready',
    'Reason',
    'Secret',
    'Expires',
    'Renews',
    'Age',
  ])
  assert.deepEqual(shown('StrongroomPermission', false), [
    'Cluster',
    'Certificate',
    'Clearance',
    'Ready',
    'Reason',
    'Age',
  ])
  assert.deepEqual(shown('StrongroomIssuer', false), ['Type', 'Ready', 'Reason', 'Age'])
  for (const { kind } of definitions) assert.ok(shown(kind.kind, true).includes('Message'))
})

test('customResourceDefinition() keeps what may not change from changing, and says so', () => {
  const rules = (schema: Schema | undefined, path: string): string[] => [
    ...(schema?.['x-kubernetes-validations'] ?? []).map(({ rule, message }) => {
      assert.ok(message.length > 10 && !message.endsWith('.'), message)
      return `${path} ${rule}`
    }),
    ...Object.entries(schema?.properties ?? {}).flatMap(([name, inner]) =>
      rules(inner, `${path}.${name}`),
    ),
  ]
  const fixed = definitions.flatMap(({ kind, version }) =>
    rules(version.schema.openAPIV3Schema, kind.shortName)
      .filter((rule) => rule.includes('oldSelf'))
      .map((rule) => rule.split(' ')[0]),
  )
  assert.deepEqual(fixed, [
    'sr',
    'sr.spec.storage.className',
    'srdb.spec',
    'srdb.spec.clusterRef',
    'srdb.spec.name',
    'srdb.spec.encrypted',
    'srcert.spec.clusterRef',
    'srcert.spec.secretName',
    'srperm.spec.clusterRef',
    'srperm.spec.subject',
  ])
})
