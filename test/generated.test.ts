/** What is generated from the code is fresh: `npm run generate` would change nothing. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { generatedPages } from '#docs/generate/pages.ts'

const root = path.resolve(import.meta.dirname, '..')

for (const [page, text] of generatedPages()) {
  test(`${page} is what the code generates`, () => {
    const isFresh = readFileSync(path.join(root, page), 'utf8') === text
    assert.ok(isFresh, `${page} is not fresh: run npm run generate`)
  })
}
