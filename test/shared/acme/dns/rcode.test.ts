import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rcodeName, updateRefusal } from '#shared/acme/dns/rcode.ts'

test('updateRefusal() says cause and fix for what servers answer to updates', () => {
  for (const [rcode, name] of [
    ...[
      [1, 'FORMERR'],
      [2, 'SERVFAIL'],
      [4, 'NOTIMP'],
      [5, 'REFUSED'],
    ],
    ...[
      [9, 'NOTAUTH'],
      [10, 'NOTZONE'],
      [16, 'BADSIG'],
      [17, 'BADKEY'],
      [18, 'BADTIME'],
    ],
  ] as const) {
    assert.equal(rcodeName(Number(rcode)), name)
    const { found, fix } = updateRefusal(Number(rcode))
    assert.match(found, new RegExp(`\\(${name}\\)`))
    assert.match(fix, /^[A-Z].{10}/)
  }
})

test('updateRefusal() has words for a number that nobody knows', () => {
  assert.equal(updateRefusal(23).found, 'it answered RCODE 23')
})
