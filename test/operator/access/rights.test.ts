import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, unionOf } from '#operator/access/rights.ts'
import type { StrongroomPermission } from '#operator/api/permission.ts'
import { permission } from '#test/support/resources.ts'

const now = Date.UTC(2026, 5, 1)

function named(
  name: string,
  minute: number,
  spec: Partial<StrongroomPermission['spec']>,
  more: object = {},
): StrongroomPermission {
  return permission({
    metadata: { name, creationTimestamp: `2026-01-01T00:0${minute}:00Z`, ...more },
    spec,
  })
}

test('unionOf() without any permission is a ValidUser without databases', () => {
  assert.deepEqual(unionOf([], now), {
    rights: { clearance: 'ValidUser', permissions: {} },
    conflicts: new Map(),
    endsAtMs: undefined,
  })
})

test('unionOf() adds databases up, whatever the order in which they come', () => {
  const a = named('a', 1, { databases: [{ name: 'orders', access: 'ReadWrite' }] })
  const b = named('b', 2, { databases: [{ name: 'billing', access: 'Read' }] })
  for (const order of [
    [a, b],
    [b, a],
  ]) {
    assert.deepEqual(unionOf(order, now).rights, {
      clearance: 'ValidUser',
      permissions: { billing: 'Read', orders: 'ReadWrite' },
    })
  }
})

test('unionOf() takes the highest clearance, and then names no databases', () => {
  const admin = named('a', 1, { clearance: 'Operator', databases: [] })
  const user = named('b', 2, { databases: [{ name: 'orders', access: 'Read' }] })
  assert.deepEqual(unionOf([user, admin], now).rights, { clearance: 'Operator', permissions: {} })
})

test('unionOf() lets the older of two that disagree count, and the younger as a whole not', () => {
  const elder = named('elder', 1, { databases: [{ name: 'Orders', access: 'Read' }] })
  const younger = named('younger', 2, {
    databases: [
      { name: 'orders', access: 'Admin' },
      { name: 'billing', access: 'Read' },
    ],
  })
  const { rights, conflicts } = unionOf([younger, elder], now)
  assert.deepEqual(rights.permissions, { Orders: 'Read' })
  assert.deepEqual([...conflicts.keys()], ['younger'])
  assert.match(
    conflicts.get('younger') ?? '',
    /"elder" gives Read on database "orders", this one Admin/,
  )
})

test('unionOf() does not call two that agree a conflict', () => {
  const a = named('a', 1, {})
  const b = named('b', 2, {})
  assert.equal(unionOf([a, b], now).conflicts.size, 0)
})

test('unionOf() leaves out what has ended or is being deleted, and says when the next one ends', () => {
  const ended = named('ended', 1, { notAfter: '2026-05-31T23:59:59Z' })
  const going = named(
    'going',
    2,
    { databases: [{ name: 'billing', access: 'Read' }] },
    { deletionTimestamp: '2026-05-31T00:00:00Z' },
  )
  const current = named('current', 3, {
    databases: [{ name: 'stock', access: 'Read' }],
    notAfter: '2026-07-01T00:00:00Z',
  })
  const { rights, endsAtMs } = unionOf([ended, going, current], now)
  assert.deepEqual(rights.permissions, { stock: 'Read' })
  assert.equal(endsAtMs, Date.UTC(2026, 6, 1))
})

test('differences() names what differs, and matches database names without regard to case', () => {
  const wanted = {
    clearance: 'ValidUser',
    permissions: { orders: 'Read', stock: 'Admin' },
  } as const
  assert.deepEqual(
    differences(
      { clearance: 'ValidUser', permissions: { Orders: 'Read', STOCK: 'Admin' } },
      wanted,
    ),
    [],
  )
  assert.deepEqual(
    differences(
      { clearance: 'Operator', permissions: { orders: 'Admin', billing: 'Read', stock: 'Admin' } },
      wanted,
    ),
    ['clearance', 'databases[orders]', 'databases[billing]'],
  )
})
