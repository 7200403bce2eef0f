import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownFields } from '#operator/access/shown-fields.ts'

test('shownFields() names ten at most, and counts the others', () => {
  const fields = Array.from({ length: 256 }, (_, index) => `databases[${index}]`)
  assert.equal(shownFields(fields.slice(0, 2)), 'databases[0], databases[1]')
  assert.ok(shownFields(fields.slice(0, 10)).endsWith('databases[9]'))
  assert.ok(shownFields(fields).endsWith('databases[9] and 246 more'))
})
