import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { keyFingerprint, masterKeysOf } from '#operator/strongrooms/stages/master-keys.ts'
import { secret } from '#test/support/resources.ts'

const [a, b] = [randomBytes(32), randomBytes(32)]

test('masterKeysOf() reads the single key of a user, and several with the active one', () => {
  const single = masterKeysOf(secret('k', { 'master.key': a }))
  assert.deepEqual(single, {
    kind: 'usable',
    activeId: 'master.key',
    keys: [{ id: 'master.key', bytes: a }],
  })
  const several = masterKeysOf(secret('k', { k1: a, k2: b, 'active-id': 'k2\n' }))
  assert.ok(several.kind === 'usable')
  assert.deepEqual([several.activeId, several.keys.map(({ id }) => id)], ['k2', ['k1', 'k2']])
})

test('masterKeysOf() says what is wrong with anything else', () => {
  const cases: readonly [Record<string, Uint8Array | string>, RegExp][] = [
    [{}, /holds no key: put 32 random bytes under "master.key"/],
    [{ 'active-id': 'k1' }, /holds no key/],
    [{ 'master.key': a.subarray(1) }, /"master.key" has 31 bytes, a key has 32/],
    [{ 'master.key': a.toString('hex') }, /has 64 bytes/],
    [{ 'master.key': '' }, /has 0 bytes/],
    [{ k1: a, k2: b }, /"active-id" names "", which it does not hold/],
    [{ k1: a, 'active-id': 'k9' }, /names "k9"/],
    [{ 'master.key': a, k2: b }, /"active-id" names ""/],
  ]
  for (const [data, message] of cases) {
    const found = masterKeysOf(secret('k', data))
    assert.match(found.kind === 'unusable' ? found.message : 'usable', message)
  }
})

test('keyFingerprint() names a key and tells nothing of it', () => {
  assert.equal(keyFingerprint(a), keyFingerprint(Buffer.from(a)))
  assert.notEqual(keyFingerprint(a), keyFingerprint(b))
  assert.match(keyFingerprint(a), /^[0-9a-f]{32}$/)
})
