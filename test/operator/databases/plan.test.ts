import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import type { StrongroomDatabase } from '#operator/api/database.ts'
import { fingerprintOf, keyName } from '#operator/databases/escrow.ts'
import type { Observed } from '#operator/databases/observe.ts'
import { decide, driftOf } from '#operator/databases/plan.ts'
import { annotation, finalizer } from '#operator/kube/labels.ts'
import type { DatabaseState, ServerState } from '#shared/contract/state.ts'
import { database, readyStrongroom, secret, strongroom } from '#test/support/resources.ts'

const key = randomBytes(32)
const escrow = secret('orders-database-key', { [keyName]: key })
const id = 'AAAAAAAAAAAAAAAAAAAAAA'

function server(
  databases: readonly Partial<DatabaseState>[] = [],
  storeId = 'store-1',
): ServerState {
  return {
    StoreId: storeId,
    StoreCommit: 7,
    Version: '0.1.0',
    MasterKeyIds: ['k1'],
    Databases: databases.map((given) => ({
      Name: 'orders',
      Id: id,
      Encrypted: true,
      Disabled: false,
      Quarantine: null,
      ...given,
    })),
    Serves: { Internal: null, Public: null },
  }
}

function seen(given: Partial<Observed> = {}): Observed {
  return {
    nowMs: Date.UTC(2026, 5, 1),
    database: database(),
    cluster: readyStrongroom(),
    escrow: undefined,
    server: server(),
    unreachable: undefined,
    admin: undefined,
    rivals: [],
    isNamespaceEnding: false,
    ...given,
  }
}

const made = (
  more: StrongroomDatabase['status'] = {},
  given: Parameters<typeof database>[0] = {},
): StrongroomDatabase =>
  database({
    ...given,
    status: {
      storeId: 'store-1',
      databaseId: id,
      keySecretName: 'orders-database-key',
      keyFingerprint: fingerprintOf(key),
      ...more,
    },
  })

describe('decide() for a database', () => {
  test('waits for a cluster that is not there', () => {
    assert.deepEqual(decide(seen({ cluster: undefined })).kind, 'wait')
  })

  test('waits for a cluster whose store is not known yet', () => {
    assert.deepEqual(decide(seen({ cluster: strongroom() })), {
      kind: 'wait',
      reason: 'ClusterNotReady',
      message: 'Strongroom "vault" is not ready yet',
    })
  })

  test('makes nothing on a store that was lost', () => {
    const time = '2026-01-01T00:00:00Z'
    const lost = strongroom({
      status: {
        conditions: [
          {
            type: 'StoreTrusted',
            status: 'False',
            reason: 'DataLost',
            message: 'gone',
            lastTransitionTime: time,
          },
        ],
      },
    })
    const decision = decide(seen({ cluster: lost }))
    assert.equal(decision.kind, 'stalled')
    assert.equal('reason' in decision && decision.reason, 'DataLost')
  })

  test('goes key, intent, creation, ready: each step only after the one before', () => {
    assert.equal(decide(seen()).kind, 'make-key')
    assert.deepEqual(decide(seen({ escrow })), { kind: 'intend', storeId: 'store-1' })
    const intended = database({
      status: { storeId: 'store-1', keyFingerprint: fingerprintOf(key) },
    })
    assert.equal(decide(seen({ escrow, database: intended })).kind, 'create')
    const ready = decide(seen({ escrow, database: intended, server: server([{}]) }))
    assert.deepEqual(ready, {
      kind: 'ready',
      databaseId: id,
      message: 'Database "orders" serves, sealed with a key of its own',
    })
  })

  test('makes a plain database without a key', () => {
    const plain = database({ spec: { encrypted: false } })
    assert.equal(decide(seen({ database: plain })).kind, 'intend')
    const intended = database({ spec: { encrypted: false }, status: { storeId: 'store-1' } })
    assert.equal(decide(seen({ database: intended })).kind, 'create')
  })

  test('never makes another key for one that was lost, whether the server still has the database or not', () => {
    for (const there of [server([{}]), server()]) {
      const decision = decide(seen({ database: made(), server: there }))
      assert.equal(decision.kind, 'stalled')
      assert.equal('reason' in decision && decision.reason, 'EscrowMissing')
    }
  })

  test('stalls with the fix where the escrow is there without its key, and overwrites nothing', () => {
    const empty = secret('orders-database-key', { other: key })
    const fresh = decide(seen({ escrow: empty }))
    assert.ok(fresh.kind === 'stalled')
    assert.equal(fresh.reason, 'EscrowInvalid')
    assert.match(fresh.message, /holds nothing under "database\.key": put the database's key there/)
    const known = decide(seen({ database: made(), escrow: empty }))
    assert.ok(known.kind === 'stalled')
    assert.match(known.message, /put the key with fingerprint \w+ back from your backup/)
  })

  test('notices an escrow that was replaced or cut short', () => {
    const other = secret('orders-database-key', { [keyName]: randomBytes(32) })
    const short = secret('orders-database-key', { [keyName]: randomBytes(16) })
    assert.equal(
      'reason' in decide(seen({ database: made(), escrow: other })) &&
        decide(seen({ database: made(), escrow: other })).kind,
      'stalled',
    )
    const decision = decide(seen({ database: made(), escrow: short }))
    assert.equal('reason' in decision && decision.reason, 'EscrowInvalid')
  })

  test('does not make anew what vanished from the server, until its loss is accepted by name', () => {
    const decision = decide(seen({ database: made(), escrow }))
    assert.equal('reason' in decision && decision.reason, 'DatabaseLost')
    const accepted = made({}, { metadata: { annotations: { [annotation.acceptDataLoss]: id } } })
    assert.equal(decide(seen({ database: accepted, escrow })).kind, 'create')
    const another = made(
      {},
      { metadata: { annotations: { [annotation.acceptDataLoss]: 'some-other-id' } } },
    )
    assert.equal(decide(seen({ database: another, escrow })).kind, 'stalled')
  })

  test('notices that the database was made anew on the server', () => {
    const decision = decide(
      seen({ database: made(), escrow, server: server([{ Id: 'BBBBBBBBBBBBBBBBBBBBBB' }]) }),
    )
    assert.equal('reason' in decision && decision.reason, 'DatabaseReplaced')
  })

  test('takes over what others made only when told to', () => {
    const decision = decide(seen({ escrow, server: server([{}]) }))
    assert.equal('reason' in decision && decision.reason, 'AlreadyExists')
    const adopting = database({ metadata: { annotations: { [annotation.adopt]: 'true' } } })
    assert.equal(decide(seen({ database: adopting, escrow, server: server([{}]) })).kind, 'ready')
  })

  test('makes the database again on a new store that was accepted', () => {
    const ready = readyStrongroom()
    const cluster = { ...ready, status: { ...ready.status, storeId: 'store-2' } }
    assert.equal(
      decide(seen({ database: made(), escrow, server: server([], 'store-2') })).kind,
      'wait',
      'the cluster does not know that store',
    )
    const decision = decide(
      seen({ database: made(), escrow, cluster, server: server([], 'store-2') }),
    )
    assert.deepEqual(decision, { kind: 'intend', storeId: 'store-2' })
  })

  test('matches the name on the server without regard to case', () => {
    assert.equal(
      decide(seen({ database: made(), escrow, server: server([{ Name: 'Orders' }]) })).kind,
      'ready',
    )
  })

  test('names what keeps a database from serving', () => {
    const cases: [Partial<DatabaseState>, string][] = [
      [{ Quarantine: 'DatabaseRolledBack' }, 'DatabaseRolledBack'],
      [{ Encrypted: false }, 'EncryptionDiffers'],
    ]
    for (const [state, reason] of cases) {
      const decision = decide(seen({ database: made(), escrow, server: server([state]) }))
      assert.equal('reason' in decision && decision.reason, reason)
    }
  })

  test('enables with driftPolicy Enforce what somebody disabled, and only shows it with Observe', () => {
    const server_ = server([{ Disabled: true, Name: 'Orders' }])
    const enforced = seen({ database: made(), escrow, server: server_ })
    assert.deepEqual(decide(enforced), { kind: 'enable', name: 'Orders' })
    const observing = made({}, { spec: { driftPolicy: 'Observe' } })
    const shown = decide(seen({ database: observing, escrow, server: server_ }))
    assert.deepEqual(shown.kind === 'drifted' && shown.fields, ['disabled'])
  })

  test('gives the older of two declarations the database', () => {
    const elder = database({
      metadata: { name: 'elder', creationTimestamp: '2025-01-01T00:00:00Z' },
      spec: { name: 'orders' },
    })
    const decision = decide(seen({ rivals: [elder] }))
    assert.equal('reason' in decision && decision.reason, 'Conflict')
    const younger = database({
      metadata: { name: 'younger', creationTimestamp: '2027-01-01T00:00:00Z' },
      spec: { name: 'orders' },
    })
    assert.equal(decide(seen({ rivals: [younger] })).kind, 'make-key')
  })

  test('waits while the server cannot be reached, and says why', () => {
    assert.deepEqual(decide(seen({ escrow, server: undefined, unreachable: 'refused' })), {
      kind: 'wait',
      reason: 'ServerUnreachable',
      message: 'refused',
    })
  })
})

describe('decide() for a database that is being deleted', () => {
  const going = (
    reclaimPolicy: 'Retain' | 'Delete',
    status: StrongroomDatabase['status'] = { storeId: 'store-1', databaseId: id },
  ): StrongroomDatabase =>
    database({
      metadata: { deletionTimestamp: '2026-06-01T00:00:00Z', finalizers: [finalizer] },
      spec: { reclaimPolicy },
      status,
    })

  test('keeps the data with Retain', () => {
    assert.deepEqual(decide(seen({ database: going('Retain'), server: server([{}]) })), {
      kind: 'release',
    })
  })

  test('drops it with Delete, and lets go once it is gone', () => {
    assert.deepEqual(decide(seen({ database: going('Delete'), server: server([{}]) })), {
      kind: 'drop',
      name: 'orders',
    })
    assert.deepEqual(decide(seen({ database: going('Delete'), server: server() })), {
      kind: 'release',
    })
  })

  test('waits with Delete while the server is away, but not for a cluster or a namespace that goes as well', () => {
    const away = { database: going('Delete'), server: undefined }
    assert.equal(decide(seen(away)).kind, 'wait')
    assert.equal(decide(seen({ ...away, cluster: undefined })).kind, 'release')
    assert.equal(
      decide(
        seen({
          ...away,
          cluster: strongroom({ metadata: { deletionTimestamp: '2026-06-01T00:00:00Z' } }),
        }),
      ).kind,
      'release',
    )
    assert.equal(decide(seen({ ...away, isNamespaceEnding: true })).kind, 'release')
  })

  test('drops nothing that it never made, or that another resource declares', () => {
    assert.equal(
      decide(seen({ database: going('Delete', {}), server: server([{}]) })).kind,
      'release',
    )
    assert.equal(
      decide(
        seen({
          database: going('Delete'),
          server: server([{}]),
          rivals: [database({ metadata: { name: 'other' } })],
        }),
      ).kind,
      'release',
    )
  })

  test('holds on to a resource with Delete before anything is made', () => {
    assert.equal(
      decide(seen({ database: database({ spec: { reclaimPolicy: 'Delete' } }) })).kind,
      'hold',
    )
  })
})

describe('driftOf()', () => {
  const found = (databases: readonly Partial<DatabaseState>[], given: Partial<Observed> = {}) =>
    driftOf(seen({ database: made(), escrow, server: server(databases), ...given }))

  test('names each thing of a database that is the operator’s and differs', () => {
    assert.deepEqual(found([{}]), [])
    assert.deepEqual(found([]), ['existence'])
    assert.deepEqual(found([{ Id: 'another', Encrypted: false, Disabled: true }]), [
      'identity',
      'encrypted',
      'disabled',
    ])
  })

  test('says nothing of what it did not make, or cannot see', () => {
    assert.deepEqual(found([{ Disabled: true }], { database: database() }), [])
    assert.deepEqual(found([], { server: undefined }), [])
    assert.deepEqual(found([], { server: server([], 'store-2') }), [])
  })
})
