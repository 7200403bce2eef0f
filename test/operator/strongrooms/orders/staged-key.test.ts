import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secrets } from '#operator/kube/kinds.ts'
import { isConflict } from '#operator/kube/kube.ts'
import {
  deleteStagedKey,
  isStagedKeySeen,
  stagedKey,
} from '#operator/strongrooms/orders/staged-key.ts'
import { pinOf } from '#shared/pki/certificate.ts'
import { privateKeyPem } from '#shared/pki/pem.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { secret, strongroom } from '#test/support/resources.ts'

const name = 'vault-next-server-key'

const kind = 'p-256'
const ref = { name, namespace: 'shop' }

test('stagedKey() makes a key once, and gives the waiting one from then on, also where it was not seen yet', async () => {
  const kube = new FakeKube()
  const first = await stagedKey(kube, strongroom(), { kind, isSeen: false })
  const pem = privateKeyPem(first.keys.privateKey)
  for (const isSeen of [true, false]) {
    const waiting = await stagedKey(kube, strongroom(), { kind: 'rsa-3072', isSeen })
    assert.deepEqual(
      [privateKeyPem(waiting.keys.privateKey), waiting.secret.metadata.uid],
      [pem, first.secret.metadata.uid],
    )
  }
  assert.deepEqual(kube.writes, [`create Secret ${name}`, `create Secret ${name}`])
  await deleteStagedKey(kube, strongroom())
  await deleteStagedKey(kube, strongroom())
  assert.equal(await kube.get(secrets, ref), undefined)
})

test('stagedKey() looks for none where none was seen, and makes one at once', async () => {
  const kube = new FakeKube()
  Object.assign(kube, { get: () => Promise.reject(new Error('it looks')) })
  await stagedKey(kube, strongroom(), { kind, isSeen: false })
  await assert.rejects(stagedKey(kube, strongroom(), { kind, isSeen: true }), /it looks/)
})

test('stagedKey() makes another where the one that waits is in use already, seen or not', async () => {
  for (const isSeen of [true, false]) {
    const kube = new FakeKube()
    const first = await stagedKey(kube, strongroom(), { kind, isSeen: false })
    const used = pinOf(first.keys.privateKey)
    const next = await stagedKey(kube, strongroom(), { kind, used, isSeen })
    assert.notEqual(pinOf(next.keys.privateKey), used)
    assert.equal((await kube.get(secrets, ref))?.metadata.uid, next.secret.metadata.uid)
  }
})

test('deleteStagedKey() takes away the very key that was used, and no later one of its name', async () => {
  const kube = new FakeKube()
  const first = await stagedKey(kube, strongroom(), { kind, isSeen: false })
  await deleteStagedKey(kube, strongroom())
  await stagedKey(kube, strongroom(), { kind, isSeen: false })
  await assert.rejects(deleteStagedKey(kube, strongroom(), first), isConflict)
  assert.ok(await kube.get(secrets, ref))
})

test('stagedKey() never touches somebody else’s Secret', async () => {
  const kube = new FakeKube()
  await kube.create(secrets, secret(name, { theirs: 'x' }))
  for (const isSeen of [true, false])
    await assert.rejects(stagedKey(kube, strongroom(), { kind, isSeen }), { name: 'NameTaken' })
  await deleteStagedKey(kube, strongroom())
  assert.ok(await kube.get(secrets, ref))
})

test('isStagedKeySeen() is what the cache shows', () => {
  const cache = (seen: unknown) => ({ get: () => seen }) as never
  assert.equal(isStagedKeySeen(strongroom(), cache(undefined)), false)
  assert.equal(isStagedKeySeen(strongroom(), cache(secret(name, {}))), true)
})
