import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { OrderFiles } from '#server/acme/order-files.ts'
import { issuedPath } from '#server/acme/order-folder.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const state: OrderState = {
  wish: 'a'.repeat(64),
  orderUrl: 'https://ca.example.com/order/1',
  authorizations: [],
  ...{ finalized: false, withoutReplaces: false, attempts: 1, retries: 0 },
}
const names = ['localhost']
const now = certificates.year2026

async function scene() {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'acme')
  const ca = await certificates.authority()
  const files = await OrderFiles.open(path)
  /** A chain for the key that waits. */
  const chain = async (wanted: certificates.Wanted = {}) => {
    const keys = await files.nextKey('p-256')
    return certificatePem((await certificates.server(ca, { keys, ...wanted })).certificate)
  }
  return { folder, path, files, chain, again: () => OrderFiles.open(path) }
}

test('OrderFiles keeps one account key for ever, and one key that waits until it is served', async () => {
  const { folder, files, chain, again } = await scene()
  await using _gone = folder
  const account = privateKeyPem(await files.accountKey())
  const next = privateKeyPem((await files.nextKey('p-256')).privateKey)
  const other = await again()
  assert.equal(privateKeyPem(await other.accountKey()), account)
  assert.equal(privateKeyPem((await other.nextKey('rsa-3072')).privateKey), next)
  await files.finish(await chain())
  assert.notEqual(privateKeyPem((await files.nextKey('p-256')).privateKey), next)
  assert.equal(privateKeyPem(await other.accountKey()), account)
})

test('OrderFiles lets nobody else read anything', async () => {
  const { folder, path, files, chain } = await scene()
  await using _gone = folder
  await files.accountKey()
  await files.keepAccount({ directory: 'd', url: 'u', email: 'e' })
  await files.keepOrder(state)
  await files.finish(await chain())
  await files.nextKey('p-256')
  await files.keepOrder(state)
  assert.equal((await stat(path)).mode & 0o777, 0o700)
  const all = await readdir(path)
  const expected = ['account.json', 'account.key', 'next.key', 'order.json', 'server.pem']
  assert.deepEqual(all.toSorted(), expected)
  for (const name of all) assert.equal((await stat(join(path, name))).mode & 0o777, 0o600, name)
  assert.equal((await readFile(join(path, 'order.json'), 'utf8')).includes('PRIVATE'), false)
})

test('OrderFiles gives back the order and the account that were kept, and none where they do not read', async () => {
  const { folder, path, files } = await scene()
  await using _gone = folder
  assert.equal(await files.order(), undefined)
  assert.equal(await files.account(), undefined)
  const account = {
    directory: 'https://ca.example.com/',
    url: 'https://ca.example.com/1',
    email: 'a@b',
  }
  await files.keepOrder(state)
  await files.keepAccount(account)
  assert.deepEqual(await files.order(), state)
  assert.deepEqual(await files.account(), account)
  await files.forgetOrder()
  await files.forgetOrder()
  assert.equal(await files.order(), undefined)
  for (const damaged of ['', '{"wish":7}', '{']) {
    await writeFile(join(path, 'order.json'), damaged)
    assert.equal(await files.order(), undefined)
  }
})

test('OrderFiles has the issued certificate with its key, where it is good for the names now', async () => {
  const { folder, path, files, chain } = await scene()
  await using _gone = folder
  assert.equal(await files.issued(names, now), undefined)
  await files.keepOrder(state)
  const { publicKey } = await files.nextKey('p-256')
  await files.finish(await chain())
  const issued = await files.issued(names, now)
  assert.equal(createPublicKey(issued?.key ?? '').equals(publicKey), true)
  assert.equal(await files.order(), undefined)
  assert.equal(await files.issued(['other.example.com'], now), undefined)
  assert.equal(
    await files.issued(names, now + (certificates.daysByDefault + 1) * 24 * 3_600_000),
    undefined,
  )
  assert.equal(files.certificatePath, issuedPath(path))
  await writeFile(files.certificatePath, 'damaged')
  assert.equal(await files.issued(names, now), undefined)
})

test('OrderFiles goes on from a process that was killed after it had written the certificate', async () => {
  const { folder, path, files, chain, again } = await scene()
  await using _gone = folder
  await files.keepOrder(state)
  const key = await readKey()
  const pem = await chain()
  await files.finish(pem)
  // As the killed one left it.
  await writeFile(join(path, 'next.key'), key)
  await files.keepOrder(state)
  const next = await again()
  assert.notEqual(privateKeyPem((await next.nextKey('p-256')).privateKey), key)
  async function readKey() {
    return privateKeyPem((await files.nextKey('p-256')).privateKey)
  }
})

test('OrderFiles does not make another account where the key of the first is damaged', async () => {
  const { folder, path, files } = await scene()
  await using _gone = folder
  await writeFile(join(path, 'account.key'), 'damaged')
  await assert.rejects(files.accountKey(), { code: 'OrderFileDamaged', message: /account\.key/ })
})
