/** An issuer's account at a real CA, kept by the controller, from the first key to the end of the account. The cluster is a fake one. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Connect } from '#operator/issuers/ask.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { readPrivateKey } from '#shared/pki/pem.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { issuerScene } from '#test/support/issuer-scene.ts'
import { issuer, secret } from '#test/support/resources.ts'

const now = () => Date.now()
const connectCa: Connect = (access) => httpsAcme({ ...access, now })
const eab = Buffer.alloc(32, 7).toString('base64url')
const binding = { keyId: 'kid-1', keySecretRef: { name: 'eab', key: 'key' } }
let open: AcmeLab
let bound: AcmeLab
before(async () => {
  ;[open, bound] = await Promise.all([acmeLab(), acmeLab({ eab: { 'kid-1': eab } })])
})
after(async () => {
  await Promise.all([open[Symbol.asyncDispose](), bound[Symbol.asyncDispose]()])
})

const sceneAt = ({ directoryUrl, trust }: AcmeLab, more: object = {}) =>
  issuerScene(issuer({ acme: { server: directoryUrl, caBundle: trust, ...more } }), { connectCa })

type Scene = Awaited<ReturnType<typeof sceneAt>>

/** The CA as whoever has the key in the Secret sees it. */
async function apiOf(it: Scene, { directoryUrl, trust }: AcmeLab, name = 'public-account') {
  const held = await it.secret(name)
  const accountKey = readPrivateKey(Buffer.from(held?.data?.['tls.key'] ?? '', 'base64').toString())
  const api = httpsAcme({ directoryUrl, trust, accountKey, now })
  return Object.assign(api, { [Symbol.dispose]: () => api.close() })
}

test('an issuer is bound to what the CA gave out, and says in its words what is wrong', async () => {
  await using it = await sceneAt(bound)
  await it.steps(4)
  assert.equal(await it.ready(), 'False ExternalAccountRequired')
  await it.put(secret('eab', { key: Buffer.alloc(32, 8).toString('base64url') }))
  await it.change({ spec: { acme: { externalAccountBinding: binding } } })
  await it.steps(3)
  assert.equal(await it.ready(), 'False ExternalAccountRefused')
  assert.match(await it.message(), /^The CA says: /)
  await it.put(secret('eab', { key: eab }))
  await it.steps(3)
  assert.equal(await it.ready(), 'True AccountReady')
  const said = JSON.stringify([(await it.now()).status, it.events])
  for (const word of [eab, 'PRIVATE KEY']) assert.ok(!said.includes(word))
})

test('an issuer tells the CA its contact, and replaces its key so that the old one opens nothing', async () => {
  await using it = await sceneAt(open)
  await it.steps(4)
  assert.equal(await it.ready(), 'True AccountReady')
  await it.change({ spec: { acme: { email: 'new@shop.example' } } })
  await it.steps(3)
  using old = await apiOf(it, open)
  assert.deepEqual((await old.account()).contact, ['mailto:new@shop.example'])
  const { url } = await old.account()
  await it.change({ metadata: { annotations: { 'strongroom.dev/roll-over-account-key': '1' } } })
  await it.steps(8)
  assert.equal(await it.ready(), 'True AccountReady')
  using next = await apiOf(it, open)
  assert.equal((await next.account()).url, url)
  assert.notEqual(next.thumbprint, old.thumbprint)
  await assert.rejects(old.newAccount({ onlyReturnExisting: true }), /accountDoesNotExist/)
})

test('an issuer finishes a replacement of its key that the CA had done when the operator was killed', async () => {
  await using it = await sceneAt(open)
  await it.steps(4)
  await it.change({ metadata: { annotations: { 'strongroom.dev/roll-over-account-key': '1' } } })
  await it.steps(1)
  using old = await apiOf(it, open)
  using staged = await apiOf(it, open, 'public-next-account')
  const { url } = await old.account()
  const next = (await it.secret('public-next-account'))?.data?.['tls.key'] ?? ''
  await old.changeKey(readPrivateKey(Buffer.from(next, 'base64').toString()))
  await it.steps(6)
  const { account } = (await it.now()).status ?? {}
  assert.deepEqual([account?.url, account?.keyThumbprint], [url, staged.thumbprint])
  assert.equal(await it.ready(), 'True AccountReady')
})

test('an issuer whose account was ended by somebody says so, and makes no other', async () => {
  await using it = await sceneAt(open)
  await it.steps(4)
  using api = await apiOf(it, open)
  await api.deactivate()
  const asked = open.counts().newAccount
  await it.time.pass(3_600_000)
  await it.steps(3)
  assert.equal(await it.ready(), 'False AccountDeactivated')
  assert.match(await it.message(), /The CA says: |deactivated/)
  assert.equal(open.counts().newAccount, asked, 'no other account was asked for')
})

test('an issuer waits for a CA that is away, and registers again with its key where it forgot all accounts', async () => {
  await using it = await sceneAt(open)
  await it.steps(4)
  const before = (await it.now()).status?.account
  await open.stop()
  await it.time.pass(3_600_000)
  await it.steps(2)
  assert.equal(await it.ready(), 'False DirectoryUnreachable')
  await open.start()
  await it.time.pass(400_000)
  await it.steps(3)
  assert.equal(await it.ready(), 'True AccountReady')
  const { account } = (await it.now()).status ?? {}
  assert.equal(account?.keyThumbprint, before?.keyThumbprint)
})
