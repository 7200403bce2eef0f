/** Accounts at a real CA, from the first day to the last, and what they may do with their certificates. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AcmeProblem } from '#shared/acme/problem.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { type Http01Server, http01Server } from '#test/support/acme-lab/http01-server.ts'
import { http01Solver, labAccount, leafOf, runOrder } from '#test/support/acme-lab/order-run.ts'

const macKey = Buffer.alloc(32, 7)
const externalAccount = { keyId: 'kid-1', key: macKey }
const wish = { names: ['a.lab.test'], profile: 'default' }
let lab: AcmeLab
let web: Http01Server
before(async () => {
  lab = await acmeLab({ eab: { 'kid-1': macKey.toString('base64url') } })
  web = await http01Server(lab.httpPort)
  await lab.dns.setAddress('a.lab.test', '127.0.0.1')
})
after(async () => {
  await web[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
})

const type = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof AcmeProblem, String(error))
  assert.equal(error.type, expected)
  return true
}

test('an account is bound to the one that the CA knows already, and to no other key', async () => {
  await assert.rejects(labAccount(lab), type('externalAccountRequired'))
  const other = { keyId: 'kid-1', key: Buffer.alloc(32, 8) }
  await assert.rejects(labAccount(lab, { externalAccount: other }), AcmeProblem)
  using api = await labAccount(lab, { externalAccount })
  assert.equal((await api.directory()).externalAccountRequired, true)
  assert.equal((await api.account()).status, 'valid')
  const { issued } = await runOrder({ api, wish, solvers: [http01Solver(web)] })
  assert.deepEqual(leafOf(issued).dnsNames, wish.names)
})

test('an account with an RSA key is found by it alone, and changes its contact', async () => {
  const { privateKey: accountKey } = await makeKeyPair('rsa-3072')
  const contact = ['mailto:one@shop.example']
  using api = await labAccount(lab, { accountKey, contact, externalAccount })
  const { url } = await api.account()
  assert.deepEqual((await api.account()).contact, contact)
  await api.changeContact(['mailto:two@shop.example'])
  assert.deepEqual((await api.account()).contact, ['mailto:two@shop.example'])
  assert.equal((await api.newAccount({ onlyReturnExisting: true })).url, url)
  const { privateKey: stranger } = await makeKeyPair('p-256')
  const nobody = labAccount({ ...lab }, { accountKey: stranger, externalAccount: undefined })
  await assert.rejects(nobody, type('externalAccountRequired'))
})

test('an account takes another key, and the old one opens nothing any more', async () => {
  const [old, next] = await Promise.all([makeKeyPair('p-256'), makeKeyPair('p-256')])
  using api = await labAccount(lab, { accountKey: old.privateKey, externalAccount })
  const { url } = await api.account()
  await api.changeKey(next.privateKey)
  assert.equal((await api.account()).url, url)
  const { issued } = await runOrder({ api, wish, solvers: [http01Solver(web)] })
  assert.deepEqual(leafOf(issued).dnsNames, wish.names)
  const find = labAccount(lab, { accountKey: old.privateKey, externalAccount: undefined })
  await assert.rejects(find, type('externalAccountRequired'))
})

test('an account that is deactivated does nothing any more', async () => {
  using api = await labAccount(lab, { externalAccount })
  await api.deactivate()
  await assert.rejects(api.account(), type('unauthorized'))
  await assert.rejects(api.newOrder({ names: wish.names }), type('unauthorized'))
})

test('a certificate is revoked with its reason, once', async () => {
  using api = await labAccount(lab, { externalAccount })
  const { issued } = await runOrder({ api, wish, solvers: [http01Solver(web)] })
  const { der, serial } = leafOf(issued)
  assert.equal((await lab.certificateStatus(serial))?.status, 'Valid')
  await api.revoke(der, 4)
  assert.deepEqual(await lab.certificateStatus(serial), { status: 'Revoked', reason: 4 })
  await assert.rejects(api.revoke(der, 4), type('alreadyRevoked'))
  using other = await labAccount(lab, { externalAccount })
  const second = await runOrder({ api, wish, solvers: [http01Solver(web)] })
  await assert.rejects(other.revoke(leafOf(second.issued).der), AcmeProblem)
})
