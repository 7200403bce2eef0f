import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { refusedGrants, validGrants } from '#operator/access/database-grants.ts'
import { parsePermissions } from '#server/access/permissions.ts'
import { permission } from '#test/support/resources.ts'

const naming = (...names: string[]) =>
  permission({ spec: { databases: names.map((name) => ({ name, access: 'Read' })) } })

test('validGrants() leaves out what no database can be called, and no other', () => {
  const mixed = naming(
    'orders',
    'orders*',
    'a b',
    'Ä-1.x_y',
    'x'.repeat(129),
    'ORDERS',
    '',
    'CON',
    'System',
  )
  assert.deepEqual(
    validGrants(mixed).map(({ name }) => name),
    ['orders', 'Ä-1.x_y'],
  )
  assert.deepEqual(validGrants(permission({ spec: { clearance: 'Operator', databases: [] } })), [])
})

test('refusedGrants() names what was left out, and says that the rest is not affected', () => {
  assert.equal(refusedGrants(naming('orders', 'billing')), undefined)
  const refused = refusedGrants(naming('orders', 'orders*', 'Orders')) ?? ''
  assert.match(refused, /^2 of the databases cannot be given, the others are not affected\./)
  assert.match(refused, /"orders\*" \(only letters.*\), "Orders" \(it is named twice\)$/)
})

test('validGrants() lets no name through that a server refuses, for one would block all others', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 140 }),
    fc.string({ maxLength: 140 }),
    fc.constantFrom('CON', 'System', 'a..b', '.', 'हिन्दी', 'MÜŞTERİ', 'ΟΔΟΣ', 'οδος'),
  )
  fc.assert(
    fc.property(fc.array(name, { maxLength: 5 }), (names) => {
      const grants = validGrants(naming(...names)).map((grant) => [grant.name, grant.access])
      assert.ok(parsePermissions(Object.fromEntries(grants)))
    }),
  )
})
