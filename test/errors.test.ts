/** Every row of every table of coded errors keeps the form that people and clients rely on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorTables } from '#docs/generate/error-tables.ts'
import { exampleOf } from '#docs/generate/errors.ts'
import { filePaths, readText } from '#test/support/source-tree/source-tree.ts'

const rows = errorTables().flatMap(({ file, rows }) => rows.map((row) => ({ file, ...row })))

test('errors: no code stands in two tables', () => {
  const codes = rows.map(({ code }) => code)
  assert.deepEqual(codes.toSorted(), [...new Set(codes)].toSorted())
})

test('errors: every table is in the reference', () => {
  const files = ['server', 'operator', 'shared', 'cli'].flatMap((folder) => filePaths(folder))
  const tables = files.filter((file) => /^export const \w+ = defineErrors\(/m.test(readText(file)))
  const listed = errorTables().map(({ file }) => file)
  assert.deepEqual(tables.toSorted(), listed.toSorted(), 'add it to docs/generate/error-tables.ts')
})

for (const { file, code, row } of rows) {
  test(`errors: ${code} says what, what was found, and what to do`, () => {
    assert.match(code, /^[A-Z][A-Za-z0-9]+$/, `${file}: a code is in PascalCase`)
    assert.ok(
      row.status >= 300 && row.status < 600,
      `${file}: ${row.status} is no status of an error`,
    )
    assert.match(
      row.type,
      /^(?:(?:Raven|System|Strongroom)\.[\w.]+(?:\+\w+)?|InvalidAuth|Error)$/,
      `${file}: ${row.type} is no type name`,
    )
    assert.match(
      exampleOf(row),
      /^[A-Z"‹].*:/,
      `${file}: ${code} lacks "what could not be done: what was found"`,
    )
  })
}
