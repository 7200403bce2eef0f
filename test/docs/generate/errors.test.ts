import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsPage, exampleOf } from '#docs/generate/errors.ts'

const plain = { status: 409, type: 'System.X' }

test('exampleOf() puts the names of the arguments where their values go, whatever is done to them', () => {
  const message = (id: string, ids: readonly string[], bytes: number) =>
    `Cannot store "${id}": ${ids.map((each) => each.trim()).join(', ')} and ${bytes.toFixed(1)}`
  assert.equal(exampleOf({ ...plain, message }), 'Cannot store "‹id›": ‹ids› and ‹bytes›')
  assert.equal(
    exampleOf({ ...plain, message: () => 'Cannot go on:\n  full' }),
    'Cannot go on: full',
  )
})

test('errorsPage() lists tables with their rows by code', () => {
  const rows = ['B', 'A'].map((code) => ({
    code,
    remark: code === 'A' ? 'When it rains.' : '',
    row: { ...plain, message: (id: string) => `Cannot ${code}: ${id}` },
  }))
  const page = errorsPage([{ file: 'server/errors.ts', rows }])
  assert.ok(
    page.endsWith(
      '## server/errors.ts\n\n### A\n\n409 · `System.X`\n\nWhen it rains.\n\n> Cannot A: ‹id›\n\n### B\n\n409 · `System.X`\n\n> Cannot B: ‹id›\n',
    ),
  )
})
