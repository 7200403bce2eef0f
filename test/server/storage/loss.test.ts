import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '#server/errors.ts'
import { Purpose } from '#server/seal/sealer.ts'
import { isLoss, lossOf } from '#server/storage/loss.ts'
import type { PageStore } from '#server/storage/page-store/page-store.ts'
import { encodeRoot } from '#server/storage/root-record.ts'
import { testSealer } from '#test/support/storage.ts'

const sealer = testSealer()
const ours = Buffer.alloc(16, 1)

function sealedRoot(commit: number, owner: Buffer): Buffer {
  const counts = { commit, nextPage: 1, pages: 0, etag: 0, logPosition: 0, storeCommit: 0 }
  return sealer.sealRecord(Purpose.Root, encodeRoot({ ...counts, owner, trees: new Map() }))
}

/** What is said of a store with that root, where we wrote another one last. */
function said(found: () => Buffer | undefined, isChanged = false): string | undefined {
  const store = { readRoot: found, isChanged: () => isChanged } as unknown as PageStore
  return lossOf({ store, sealer, owner: ours, sealed: last })?.code
}

const last = sealedRoot(9, ours)

test('lossOf() tells another owner from damage, from an older root of our own, and from a program that only wrote there', () => {
  assert.equal(
    said(() => last),
    undefined,
  )
  assert.equal(
    said(() => sealedRoot(10, Buffer.alloc(16, 2))),
    'DataDirectoryTaken',
  )
  assert.equal(
    said(() => sealedRoot(8, ours)),
    'DatabaseDamaged',
  )
  assert.equal(
    said(() => Buffer.alloc(last.length, 7)),
    'DatabaseDamaged',
  )
  assert.equal(
    said(() => Buffer.alloc(3)),
    'DatabaseDamaged',
  )
  assert.equal(
    said(() => undefined),
    'DatabaseDamaged',
  )
  assert.equal(
    said(() => last, true),
    'DataFileChanged',
  )
  const gone = () => {
    throw errors.DataFileGone('test', 'pages.mdb')
  }
  assert.equal(said(gone), 'DataFileGone')
})

test('isLoss() is true for what a page store says of files that are not ours any more, and for nothing else', () => {
  assert.equal(isLoss(errors.DataDirectoryTaken('test')), true)
  assert.equal(isLoss(errors.DiskFull('test')), false)
  assert.equal(isLoss(new Error('DataFileGone')), false)
})
