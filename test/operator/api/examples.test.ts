/** Everything in examples/ is what the kinds take. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadAll } from 'js-yaml'
import { apiVersion } from '#operator/api/common.ts'
import { schemaTrouble } from '#operator/api/kind.ts'
import { customKinds } from '#operator/api/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'

type Resource = KubeObject & { readonly spec: unknown }

const folder = join(import.meta.dirname, '../../../examples')

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  test(`schemaTrouble() finds none in examples/${file}`, () => {
    const text = readFileSync(join(folder, file), 'utf8')
    const ours = (loadAll(text) as Resource[]).filter((one) => one.apiVersion === apiVersion)
    for (const resource of ours) {
      const kind = customKinds.find((one) => one.kind === resource.kind)
      assert.ok(kind !== undefined, `there is no ${resource.kind}`)
      assert.equal(schemaTrouble(kind, resource), undefined, resource.kind)
    }
  })
}

test('schemaTrouble() looks at an example for every way to prove a name', () => {
  const all = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  for (const way of ['tlsAlpn01', 'http01', 'rfc2136', 'acmeDns', 'cloudflare', 'route53'])
    assert.ok(
      all.some((text) => text.includes(`${way}:`)),
      way,
    )
})
