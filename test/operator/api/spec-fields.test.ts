/** Nothing is accepted and then ignored: every property of every kind's spec is read by the code that works on that kind. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customKinds } from '#operator/api/kinds.ts'
import { filePaths, sourceFiles } from '#test/support/source-tree/source-tree.ts'

/** Where each kind is worked on: its own folder first, and what only other folders do with it. */
const homes: Readonly<Record<string, readonly string[]>> = {
  Strongroom: ['operator/strongrooms/', 'operator/api/common.ts'],
  StrongroomDatabase: ['operator/databases/'],
  StrongroomCertificate: ['operator/certificates/', 'operator/api/common.ts'],
  StrongroomPermission: ['operator/permissions/', 'operator/access/'],
  // Orders ask an issuer for its profile of certificates, and its solvers prove the names of many.
  StrongroomIssuer: [
    'operator/issuers/',
    'operator/strongrooms/orders/',
    'operator/challenges/',
    'shared/acme/',
  ],
}

/** Read as a whole: their properties are those of Kubernetes, which reads them. */
const passedOn = [
  ...['pod.resources', 'pod.tolerations'],
  'acme.solvers.http01.gatewayHTTPRoute.parentRefs',
]
/** There to be named: the case that is left where none of the others is. */
const bare = ['tls.server.selfSigned']

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

/** Paths to all properties, e.g. `tls.server.secretRef.name`. */
function propertyPaths({ properties = {}, items }: Schema, path: readonly string[] = []): string[] {
  const own = Object.entries(properties).flatMap(([name, schema]) => [
    [...path, name].join('.'),
    ...propertyPaths(schema, [...path, name]),
  ])
  return items === undefined ? own : [...own, ...propertyPaths(items, path)]
}

const files = sourceFiles(filePaths())

for (const { kind, spec } of customKinds) {
  test(`Every property of the spec of ${kind} is read by what works on it`, () => {
    const places = homes[kind] ?? assert.fail(`say where ${kind} is worked on`)
    const code = files
      .filter(({ path }) => places.some((place) => path.startsWith(place)))
      .map(({ bare }) => bare)
      .join('\n')
    const words = new Set(code.match(/[A-Za-z_$][\w$]*/g))
    const isForOthers = (path: string): boolean =>
      bare.includes(path) || passedOn.some((whole) => path.startsWith(`${whole}.`))
    const unread = propertyPaths(spec as Schema)
      .filter((path) => !isForOthers(path))
      .filter((path) => !words.has(path.split('.').at(-1) ?? ''))
    assert.deepEqual(unread, [])
  })
}
