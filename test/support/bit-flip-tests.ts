/** One flipped bit in a database's file: a coded error or the right data, never wrong data, never a dead server; others serve. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { flipAnywhere, flipInLmdb } from './bit-flips.ts'
import { makeOriginal, type Original, tryCopies } from './damaged-copies.ts'

export interface BitFlips {
  /** For each of the two places. */
  readonly copies: number
  readonly seeds: { readonly anywhere: number; readonly inLmdb: number }
}

/** A server is started on each: half a second on a machine that has nothing else to do. */
const copyMs = 5_000

export function bitFlipTests({ copies, seeds }: BitFlips): void {
  let original: Original
  before(async () => {
    original = await makeOriginal()
  })
  after(() => original[Symbol.dispose]())

  const cases = [
    { where: 'anywhere in the file', flip: flipAnywhere, seed: seeds.anywhere },
    { where: "in LMDB's own structures", flip: flipInLmdb, seed: seeds.inLmdb },
  ] as const

  for (const { where, flip, seed } of cases)
    test(`server gives an error or the right data with one bit flipped ${where}, in ${copies} copies`, {
      timeout: copies * copyMs,
    }, async (context) => {
      const noticed = await tryCopies(original, { flip, seed, copies })
      context.diagnostic(
        `${noticed} of ${copies} flips were met in reading; the others hit what nothing refers to`,
      )
      assert.ok(noticed > 0, 'no flip was met: the aim is wrong')
    })
}
