import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dateFacts, grantFacts } from '#server/system/certificate-facts.ts'

test('grantFacts() says what is given, and until when', () => {
  const rights = { clearance: 'ValidUser', permissions: { a: 'Read', b: 'Admin' } } as const
  assert.deepEqual(grantFacts(rights), { clearance: 'ValidUser', permissions: 'a:Read b:Admin' })
  const ending = { ...rights, clearanceExpiration: 0, permissionExpirations: { b: 1000 } }
  assert.deepEqual(grantFacts(ending), {
    clearance: 'ValidUser',
    permissions: 'a:Read b:Admin until 1970-01-01T00:00:01.0000000Z',
    clearanceUntil: '1970-01-01T00:00:00.0000000Z',
  })
})

test('dateFacts() says only what narrows', () => {
  assert.deepEqual(dateFacts({}), {})
  assert.deepEqual(dateFacts({ validFrom: 0, validUntil: 1000 }), {
    validFrom: '1970-01-01T00:00:00.0000000Z',
    validUntil: '1970-01-01T00:00:01.0000000Z',
  })
})
