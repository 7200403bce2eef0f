import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSameSubject, subjectKey } from '#operator/permissions/subject.ts'
import { permission } from '#test/support/resources.ts'

const subjects = [
  { certificateRef: { name: 'shop' } },
  { certificateRef: { name: 'other' } },
  { secretRef: { name: 'shop' } },
  { thumbprint: 'A'.repeat(40) },
  { publicKeyPin: 'shop' },
]

test('subjectKey() tells every subject from every other, also those of one name', () => {
  const keys = subjects.map((subject) => subjectKey(permission({ spec: { subject } })))
  assert.equal(new Set(keys).size, subjects.length)
})

test('isSameSubject() is about one cluster', () => {
  const here = permission()
  assert.ok(isSameSubject(here, permission({ metadata: { name: 'another' } })))
  assert.ok(!isSameSubject(here, permission({ spec: { clusterRef: { name: 'other' } } })))
  for (const subject of subjects.slice(1))
    assert.ok(!isSameSubject(here, permission({ spec: { subject } })))
})
