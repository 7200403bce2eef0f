import assert from 'node:assert/strict'
import { test } from 'node:test'
import { annotation } from '#operator/kube/labels.ts'
import type { Member, Observed } from '#operator/strongrooms/observe.ts'
import { storeStage } from '#operator/strongrooms/stages/store.ts'
import type { ServerState } from '#shared/contract/state.ts'
import { strongroom } from '#test/support/resources.ts'

function seen(
  store: readonly [id: string, commit: number] | undefined,
  known: readonly [id: string, commit: number] | undefined,
  accepted?: string,
) {
  const state = store && ({ StoreId: store[0], StoreCommit: store[1] } as ServerState)
  const cluster = strongroom({
    ...(accepted === undefined
      ? {}
      : { metadata: { annotations: { [annotation.acceptDataLoss]: accepted } } }),
    ...(known === undefined ? {} : { status: { storeId: known[0], storeCommit: known[1] } }),
  })
  return storeStage({ cluster, members: [{ state } as Member] } as unknown as Observed)
}

test('storeStage() remembers the store and its highest counter', () => {
  for (const [store, known] of [
    [['s', 5], undefined],
    [
      ['s', 5],
      ['s', 5],
    ],
    [
      ['s', 9],
      ['s', 5],
    ],
  ] as const) {
    const found = seen(store, known)
    assert.deepEqual(found.status, { storeId: 's', storeCommit: store[1] })
    assert.equal(found.findings[0]?.status, 'True')
    assert.equal(found.halt, undefined)
  }
  assert.deepEqual(seen(undefined, ['s', 5]), { steps: [], findings: [] }, 'nobody could be asked')
})

test('storeStage() stops at another store and at an older copy, forgets nothing, and gives the words to accept it', () => {
  const lost = seen(['new', 1], ['old', 5])
  assert.deepEqual(
    [lost.halt?.kind, lost.halt?.reason, lost.status],
    ['stalled', 'DataLost', undefined],
  )
  assert.match(
    lost.halt?.message ?? '',
    /kubectl annotate --overwrite strongroom vault strongroom\.dev\/accept-data-loss=new$/,
  )
  const older = seen(['s', 4], ['s', 5])
  assert.deepEqual([older.halt?.reason, older.status], ['StoreRolledBack', undefined])
  assert.match(older.halt?.message ?? '', /accept-data-loss=s@4$/)
})

test('storeStage() takes only the very store, or the very copy, that was accepted', () => {
  assert.equal(seen(['new', 1], ['old', 5], 'new').halt, undefined)
  assert.equal(seen(['new', 1], ['old', 5], 'newer').halt?.reason, 'DataLost')
  assert.equal(seen(['new', 1], ['old', 5], 'new@1').halt?.reason, 'DataLost')
  assert.deepEqual(seen(['s', 4], ['s', 5], 's@4').status, { storeId: 's', storeCommit: 4 })
  for (const other of ['s', 's@3', 's@40', 'true'])
    assert.equal(seen(['s', 4], ['s', 5], other).halt?.reason, 'StoreRolledBack', other)
})
