import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fingerprintOf, keyName } from '#operator/databases/escrow.ts'
import type { Observed } from '#operator/databases/observe.ts'
import type { Decision } from '#operator/databases/plan.ts'
import { statusOf } from '#operator/databases/status.ts'
import { database, secret } from '#test/support/resources.ts'

const key = Buffer.alloc(32, 1)
const escrow = secret('orders-database-key', { [keyName]: key })
const waiting: Decision = { kind: 'wait', reason: 'ServerUnreachable', message: 'away' }

function after(decision: Decision, given: Partial<Observed> = {}) {
  const observed = { nowMs: 0, database: database(), escrow, ...given } as Observed
  return statusOf(observed, decision)
}
const holds = ({ conditions = [] }: ReturnType<typeof after>): string[] =>
  conditions
    .filter(({ status }) => status === 'True')
    .map(({ type, reason }) => `${type} ${reason}`)

test('statusOf() knows the key from the moment on in which its Secret is there, and never forgets it', () => {
  const known = { keySecretName: 'orders-database-key', keyFingerprint: fingerprintOf(key) }
  const { keySecretName, keyFingerprint } = after(waiting)
  assert.deepEqual({ keySecretName, keyFingerprint }, known)
  const lost = after(waiting, { database: database({ status: known }), escrow: undefined })
  assert.equal(lost.keyFingerprint, known.keyFingerprint)
  const other = secret('orders-database-key', { [keyName]: Buffer.alloc(32, 2) })
  const replaced = after(waiting, { database: database({ status: known }), escrow: other })
  assert.equal(replaced.keyFingerprint, known.keyFingerprint, 'another key does not take its place')
})

test('statusOf() says first on which store it will be made, then what was made there', () => {
  assert.equal(after({ kind: 'intend', storeId: 'store-1' }).storeId, 'store-1')
  const server = { StoreId: 'store-1', Databases: [] as unknown } as NonNullable<Observed['server']>
  const ready: Decision = { kind: 'ready', databaseId: 'id', message: 'serves' }
  const { storeId, databaseId } = after(ready, { server })
  assert.deepEqual([storeId, databaseId], ['store-1', 'id'])
  const status = { storeId: 'store-1', databaseId: 'id' }
  const later = after(waiting, { database: database({ status }) })
  assert.deepEqual([later.storeId, later.databaseId], ['store-1', 'id'])
})

test('statusOf() says which of the three holds, and whether the key is kept', () => {
  const cases: readonly [Decision, string][] = [
    [{ kind: 'ready', databaseId: 'id', message: '' }, 'Ready Ready'],
    [{ kind: 'create' }, 'Reconciling Creating'],
    [waiting, 'Reconciling ServerUnreachable'],
    [{ kind: 'stalled', reason: 'EscrowMissing', message: '' }, 'Stalled EscrowMissing'],
  ]
  for (const [decision, expected] of cases)
    assert.deepEqual(holds(after(decision)), [expected, 'Escrowed SecretFound'])
  assert.deepEqual(holds(after(waiting, { escrow: undefined })), ['Reconciling ServerUnreachable'])
})

test('statusOf() speaks of no key where the database is not encrypted', () => {
  const plain = after(waiting, { database: database({ spec: { encrypted: false } }) })
  assert.equal(plain.keyFingerprint, undefined)
  assert.ok(!plain.conditions?.some(({ type }) => type === 'Escrowed'))
})

test('statusOf() shows drift with either policy, unless it is being repaired', () => {
  const status = { storeId: 'store-1', databaseId: 'id' }
  const found = { Name: 'orders', Id: 'id', Encrypted: true, Disabled: true, Quarantine: null }
  const server = { StoreId: 'store-1', Databases: [found] } as unknown as Observed['server']
  const given = { database: database({ status }), server }
  const drifted: Decision = { kind: 'drifted', fields: ['disabled'], message: '' }
  assert.deepEqual(holds(after(drifted, given)), [
    'Stalled DriftDetected',
    'DriftDetected DatabaseDiffers',
    'Escrowed SecretFound',
  ])
  const repaired = after({ kind: 'enable', name: 'orders' }, given)
  assert.deepEqual(holds(repaired), ['Reconciling Enabling', 'Escrowed SecretFound'])
  const gone = { ...given, server: { StoreId: 'store-1', Databases: [] } as never }
  const lost: Decision = { kind: 'stalled', reason: 'DatabaseLost', message: '' }
  assert.ok(holds(after(lost, gone)).includes('DriftDetected DatabaseDiffers'))
})
