/** What is generated from the code is fresh: `npm run generate` would change nothing. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { generatedPages } from '#docs/generate/pages.ts'
import { generatedFiles } from '#operator/api/generate.ts'

const root = path.resolve(import.meta.dirname, '..')

// Pages of docs/reference, and what the operator's kinds are to Kubernetes: crds/, and the chart's kinds and roles.
for (const [page, text] of [...generatedPages(), ...generatedFiles()]) {
  test(`${page} is what the code generates`, () => {
    const isFresh = readFileSync(path.join(root, page), 'utf8') === text
    assert.ok(isFresh, `${page} is not fresh: run npm run generate`)
  })
}
