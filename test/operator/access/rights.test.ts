import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  differences,
  exceeds,
  isOnlyAboutEnds,
  narrowed,
  type Rights,
  unionOf,
} from '#operator/access/rights.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
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

describe('unionOf() and ends', () => {
  const july = Date.UTC(2026, 6, 1)
  const until = (month: string) => ({ notAfter: `2026-${month}-01T00:00:00Z` })

  test('gives each database its own end, the latest of those that agree, and none where one has none', () => {
    const both = [
      named('a', 1, { ...until('07'), databases: [{ name: 'orders', access: 'Read' }] }),
      named('b', 2, { ...until('08'), databases: [{ name: 'Orders', access: 'Read' }] }),
      named('c', 3, { databases: [{ name: 'stock', access: 'Read' }] }),
    ]
    const { rights, endsAtMs } = unionOf(both, now)
    assert.deepEqual(rights.ends, { orders: Date.UTC(2026, 7, 1) })
    assert.deepEqual(rights.permissions, { orders: 'Read', stock: 'Read' })
    assert.equal(endsAtMs, july)
    const forGood = named('d', 4, { databases: [{ name: 'orders', access: 'Read' }] })
    assert.equal(unionOf([...both, forGood], now).rights.ends, undefined)
  })

  test('leaves a ValidUser his databases for when his clearance ends', () => {
    const operator = named('a', 1, { ...until('07'), clearance: 'Operator', databases: [] })
    const user = named('b', 2, { databases: [{ name: 'orders', access: 'Read' }] })
    assert.deepEqual(unionOf([operator, user], now).rights, {
      clearance: 'Operator',
      permissions: { orders: 'Read' },
      clearanceEndsAtMs: july,
    })
    const forGood = named('c', 3, { clearance: 'Operator', databases: [] })
    assert.deepEqual(unionOf([operator, user, forGood], now).rights, {
      clearance: 'Operator',
      permissions: {},
    })
  })

  test('never gives what is no instant, and writes the end of the year 9999 with four digits', () => {
    assert.deepEqual(unionOf([named('a', 1, { notAfter: 'some day' })], now).rights.permissions, {})
    const late = named('b', 1, { notAfter: '9999-12-31T23:59:59-23:59' })
    const [end = assert.fail()] = Object.values(unionOf([late], now).rights.ends ?? {})
    assert.equal(new Date(end).toISOString(), '9999-12-31T23:59:59.999Z')
  })
})

describe('differences(), exceeds() and narrowed()', () => {
  const wanted = {
    clearance: 'ValidUser',
    permissions: { orders: 'Read' },
    ends: { orders: now },
  } as const
  const record = { clearance: 'ValidUser', permissions: { Orders: 'Read' }, ends: {} } as const

  test('see an end that is missing, another or too much, and whole seconds alike', () => {
    assert.deepEqual(differences(record, wanted), ['ends[orders]'])
    assert.deepEqual(differences({ ...record, ends: { ORDERS: now + 999 } }, wanted), [])
    assert.deepEqual(differences({ ...record, ends: { orders: now + 1000 } }, wanted), [
      'ends[orders]',
    ])
    const admin = {
      clearance: 'Operator',
      permissions: {},
      ends: {},
      clearanceEndsAtMs: now,
    } as const
    assert.deepEqual(differences(admin, { clearance: 'Operator', permissions: {} }), [
      'clearanceEnd',
    ])
  })

  test('tell a difference of ends alone from others: an older server keeps none', () => {
    const { ends: _, ...older } = record
    assert.ok(isOnlyAboutEnds(differences(older, wanted)))
    const admin = { clearance: 'Operator', permissions: {}, clearanceEndsAtMs: now } as const
    assert.ok(isOnlyAboutEnds(differences(admin, { clearance: 'Operator', permissions: {} })))
    assert.ok(!isOnlyAboutEnds(differences({ ...older, permissions: {} }, wanted)))
    assert.ok(!isOnlyAboutEnds([]))
  })

  test('tell more from less: an access, a clearance, a database or a time that is too much', () => {
    const held = { ...record, ends: { orders: now } }
    assert.ok(!exceeds(held, wanted))
    assert.ok(!exceeds({ ...held, permissions: {}, ends: {} }, wanted), 'nothing is less')
    for (const more of [
      { permissions: { orders: 'ReadWrite' as const } },
      { permissions: { orders: 'Read' as const, billing: 'Read' as const } },
      { clearance: 'Operator' },
      { clearance: 'ClusterNode' },
      { permissions: { orders: 'Everything' as 'Admin' } },
      { ends: {} },
      { ends: { orders: now + 1000 } },
    ])
      assert.ok(exceeds({ ...held, ...more }, wanted), JSON.stringify(more))
  })

  test('narrow to what is on the record and wanted, and add nothing', () => {
    const rich = {
      clearance: 'Operator',
      permissions: { orders: 'Admin', billing: 'Read' },
      ends: { billing: now },
    } as const
    const less = { clearance: 'ValidUser', permissions: { orders: 'Read', stock: 'Read' } } as const
    assert.deepEqual(narrowed(rich, less), {
      clearance: 'ValidUser',
      permissions: { orders: 'Read' },
    })
  })

  test('are as they say for any two rights: what is narrowed exceeds nothing, and lets go of nothing that both have', () => {
    const access = fc.constantFrom('Read', 'ReadWrite', 'Admin')
    const name = fc.constantFrom('a', 'b', 'c')
    const end = fc.constantFrom(now + 1000, now + 2000)
    const any = fc.record(
      {
        clearance: fc.constantFrom('ValidUser', 'Operator', 'ClusterAdmin'),
        permissions: fc.dictionary(name, access),
        ends: fc.dictionary(name, end),
        clearanceEndsAtMs: end,
      },
      { requiredKeys: ['clearance', 'permissions', 'ends'] },
    ) as fc.Arbitrary<Required<Pick<CertificateState, 'permissions' | 'ends'>> & Rights>
    fc.assert(
      fc.property(any, any, (found, rights) => {
        const less = { ends: {}, ...narrowed(found, rights) }
        assert.ok(!exceeds(less, rights))
        assert.ok(!exceeds(less, found))
        assert.equal(exceeds(found, rights), differences(found, less).length > 0)
      }),
    )
  })
})
