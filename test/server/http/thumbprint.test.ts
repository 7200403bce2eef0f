import assert from 'node:assert/strict'
import { test } from 'node:test'
import { thumbprintIn } from '#server/http/thumbprint.ts'
import { hasCode } from '#shared/errors.ts'

const digits = '0123456789ABCDEF0123456789ABCDEF01234567'

test('thumbprintIn() takes what tools show: colons, spaces, any case', () => {
  const pairs = digits.match(/../g) ?? []
  for (const written of [digits, digits.toLowerCase(), pairs.join(':'), ` ${pairs.join(' ')}\n`])
    assert.equal(thumbprintIn(written), digits)
})

test('thumbprintIn() refuses what is none', () => {
  for (const written of ['', 'AABBCC', `${digits}0`, digits.replace('0', 'G'), digits.slice(1)])
    assert.throws(
      () => thumbprintIn(written),
      (error) => hasCode(error, 'ThumbprintInvalid') && error.status === 400,
    )
})
