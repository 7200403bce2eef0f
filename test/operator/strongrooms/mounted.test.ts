import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { mountedHash } from '#operator/strongrooms/mounted.ts'
import { secret } from '#test/support/resources.ts'
import { strongroomWorld, type World } from '#test/support/strongroom-world.ts'

let world: World
before(async () => {
  world = await strongroomWorld()
})

test('mountedHash() differs with everything that pods mount, and with nothing else', () => {
  const base = world.seen()
  const without = <T>(map: ReadonlyMap<string, T>, name: string) =>
    new Map([...map].filter(([key]) => key !== name))
  const hashes = [
    base,
    { ...base, secrets: without(base.secrets, 'vault-internal-tls') },
    { ...base, secrets: without(base.secrets, 'vault-server-tls') },
    { ...base, secrets: without(base.secrets, 'vault-admins') },
    { ...base, masterKey: secret('vault-master-key', { k1: 'other' }) },
  ].map(mountedHash)
  assert.equal(new Set(hashes).size, hashes.length)
  for (const same of [
    { ...base, nowMs: 5 },
    { ...base, secrets: without(base.secrets, 'vault-client-ca') },
    { ...base, configMaps: without(base.configMaps, 'vault-trust') },
  ])
    assert.equal(mountedHash(same), hashes[0])
  assert.match(hashes[0] ?? '', /^[0-9a-f]{16}$/)
})
