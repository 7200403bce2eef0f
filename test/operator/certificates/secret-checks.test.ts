import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Observed } from '#operator/certificates/observe.ts'
import { secretIsRefused, secretIsReserved } from '#operator/certificates/secret-checks.ts'
import { certificate } from '#test/support/resources.ts'

const seen = (given: Partial<Observed>) => ({ resource: certificate(), ...given }) as Observed

test('secretIsReserved() stops a certificate that would be written to the Secret of another resource', () => {
  assert.equal(secretIsReserved(seen({})), undefined)
  assert.deepEqual(secretIsReserved(seen({ secretReservedBy: 'Strongroom/vault' })), {
    kind: 'stalled',
    reason: 'SecretReserved',
    message: 'Secret "shop-tls" is kept for Strongroom/vault: name another in a new resource',
  })
})

test('secretIsRefused() says what was found, and how to let it be used', () => {
  assert.equal(secretIsRefused(seen({})), undefined)
  assert.deepEqual(secretIsRefused(seen({ secretRefused: 'why' })), {
    kind: 'stalled',
    reason: 'SecretNotAllowed',
    message: 'why',
  })
})
