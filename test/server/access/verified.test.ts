import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rememberedVerification } from '#server/access/verified.ts'
import type { Certificate } from '#shared/pki/certificate.ts'

const named = (sha256: string) => ({ sha256 }) as Certificate

test('rememberedVerification() verifies each pair once, and forgets the one asked for longest ago', () => {
  const asked: string[] = []
  const verify = rememberedVerification((certificate, issuer) => {
    asked.push(certificate.sha256 + issuer.sha256)
    return issuer.sha256 === '1'
  }, 2)
  const ask = (pair: string) => verify(named(pair.slice(0, 1)), named(pair.slice(1)))
  assert.deepEqual(['a1', 'a1', 'a2', 'a2', 'a1'].map(ask), [true, true, false, false, true])
  assert.deepEqual(asked, ['a1', 'a2'])
  assert.deepEqual(['b1', 'a1', 'a2'].map(ask), [true, true, false])
  assert.deepEqual(asked, ['a1', 'a2', 'b1', 'a2'])
})
