/** Hostile values for every field of every kind, read by the schemas of the operator: none makes it stumble. A real API server meets them in test/cluster. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schemaTrouble } from '#operator/api/kind.ts'
import { customKinds } from '#operator/api/kinds.ts'
import { fullResources } from '#test/support/full-resources.ts'
import { hostileSpecs, missedFields } from '#test/support/hostile-specs.ts'

for (const kind of customKinds) {
  const bases = fullResources[kind.kind] ?? assert.fail(kind.kind)

  test(`hostileSpecs() tries something on every field of a ${kind.kind}`, () => {
    assert.deepEqual(missedFields(kind, bases), [])
  })

  test(`schemaTrouble() says of every hostile ${kind.kind} whether it fits, and never throws`, () => {
    const specs = hostileSpecs(kind, bases)
    const refused = specs.filter(({ resource }) => schemaTrouble(kind, resource) !== undefined)
    assert.ok(refused.length > specs.length / 2, `${refused.length} of ${specs.length}`)
  })
}
