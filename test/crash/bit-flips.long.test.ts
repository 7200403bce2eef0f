/** One flipped bit in a file of a database: an error or the right data, at 50 or, in the long form, 500 copies a place. */
import { bitFlipTests } from '#test/support/bit-flip-tests.ts'

bitFlipTests({ copies: 500, seeds: { anywhere: 10_000, inLmdb: 20_000 } })
