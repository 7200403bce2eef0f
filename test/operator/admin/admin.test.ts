import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refused, Unreachable } from '#operator/admin/admin.ts'

test('Refused and Unreachable are told apart by their class, name and words', () => {
  const refused = new Refused(409, 'Raven.X', 'it exists')
  assert.deepEqual(
    [refused.name, refused.status, refused.type, refused.message],
    ['Refused', 409, 'Raven.X', 'it exists'],
  )
  const away = new Unreachable('Cannot reach it')
  assert.equal(`${away}`, 'Unreachable: Cannot reach it')
  assert.ok(!(away instanceof Refused))
})
