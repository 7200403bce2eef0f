import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersion } from '#operator/api/common.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { type Secret, secretData } from '#operator/kube/secret.ts'
import { tlsData } from '#operator/kube/tls-secret.ts'
import { defaultPolicy } from '#operator/policy.ts'
import { IssuerFinder } from '#operator/strongrooms/orders/find-issuer.ts'
import { thumbprint } from '#shared/acme/jws.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { privateKeyPem } from '#shared/pki/pem.ts'
import { authority } from '#test/support/certificates.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import { syncedCache } from '#test/support/synced-cache.ts'

const server = 'https://ca.test/directory'
const { privateKey } = await makeKeyPair('p-256')
const account = {
  ...{ url: 'https://ca.test/1', server, checkedAt: '' },
  keyThumbprint: thumbprint(privateKey),
}
const accountSecret = secret('le-account', { 'tls.key': privateKeyPem(privateKey) })

function issuer(
  spec: StrongroomIssuer['spec'],
  status: StrongroomIssuer['status'] = { account },
): StrongroomIssuer {
  const metadata = { name: 'le', namespace: 'shop' }
  return { apiVersion, kind: 'StrongroomIssuer', metadata, spec, status } as StrongroomIssuer
}

async function scene(resource?: StrongroomIssuer) {
  const kube = new FakeKube()
  if (resource !== undefined) await kube.create(strongroomIssuers, resource)
  const synced = await syncedCache(kube)
  const opened: string[] = []
  const accounts: (string | undefined)[] = []
  const finder = new IssuerFinder({
    ...{ kube, cache: synced.cache, clock: synced.time, admin: () => new FakeAdmin() },
    connectAcme: ({ directoryUrl, accountUrl }) => {
      accounts.push(accountUrl)
      opened.push(directoryUrl)
      return { directoryUrl, close: () => void opened.push('closed') } as never
    },
    addresses: async () => [],
    challengePort: 8089,
    look: async () => undefined,
    ingressPolicy: defaultPolicy.ingress,
  })
  const find = () => finder.find(strongroom(), 'le')
  const { time } = synced
  return {
    ...{ kube, finder, opened, accounts, find, time },
    [Symbol.asyncDispose]: () => synced[Symbol.asyncDispose](),
  }
}

const acme = { server, solvers: [{ http01: {} }, { tlsAlpn01: {} }] }

test('IssuerFinder opens an account once, with the solvers of the issuer', async () => {
  await using it = await scene(issuer({ acme: { ...acme, profile: 'short', keyType: 'RSA' } }))
  await it.kube.create(secrets, accountSecret)
  const found = await it.find()
  if (found.kind !== 'acme') throw new Error(found.kind)
  assert.deepEqual([found.profile, found.keyKind], ['short', 'rsa-3072'])
  assert.equal(found.solverFor('vault.example', ['http-01'])?.type, 'http-01')
  assert.equal(found.solverFor('vault.example', ['tls-alpn-01'])?.type, 'tls-alpn-01')
  assert.equal(found.solverFor('*.vault.example', ['dns-01']), undefined)
  await it.find()
  assert.deepEqual(it.opened, [server])
  it.finder.close()
  assert.deepEqual(it.opened, [server, 'closed'])
})

test('IssuerFinder speaks for the account that the issuer has now, after the CA forgot the one of before', async () => {
  await using it = await scene(issuer({ acme }))
  await it.kube.create(secrets, accountSecret)
  const before = await it.find()
  const url = 'https://ca.test/2'
  await it.kube.applyStatus(strongroomIssuers, issuer({ acme }, { account: { ...account, url } }))
  await it.time.pass(1)
  const after = await it.find()
  if (before.kind !== 'acme' || after.kind !== 'acme') throw new Error(after.kind)
  assert.deepEqual(it.accounts, [account.url, url])
  assert.deepEqual(it.opened, [server, 'closed', server])
  assert.equal(after.limiter, before.limiter, 'what the CA was asked is not forgotten')
})

test('IssuerFinder reads the key of an account once, and again where the account has another', async () => {
  await using it = await scene(issuer({ acme }))
  await it.kube.create(secrets, accountSecret)
  for (let times = 0; times < 3; times += 1) assert.equal((await it.find()).kind, 'acme')
  assert.deepEqual(it.kube.reads, ['Secret le-account'])
  const next = await makeKeyPair('p-256')
  const data = secretData({ 'tls.key': privateKeyPem(next.privateKey) })
  await it.kube.patch(secrets, { name: 'le-account', namespace: 'shop' }, { data })
  const keyThumbprint = thumbprint(next.privateKey)
  const moved = issuer({ acme }, { account: { ...account, keyThumbprint } })
  await it.kube.applyStatus(strongroomIssuers, moved)
  await it.time.pass(1)
  assert.equal((await it.find()).kind, 'acme')
  assert.deepEqual(it.kube.reads, ['Secret le-account', 'Secret le-account'])
  assert.deepEqual(it.opened, [server, server])
})

test('IssuerFinder tells an occasion from the next: another account, another Secret of a solver', async () => {
  const apiTokenSecretRef = { name: 'cloudflare', key: 'token' }
  const solvers = [{ dns01: { cloudflare: { apiTokenSecretRef } } }]
  await using it = await scene(issuer({ acme: { server, solvers } }))
  await it.kube.create(secrets, accountSecret)
  const occasion = async () => {
    const found = await it.find()
    if (found.kind !== 'acme') throw new Error(found.kind)
    return found.occasion
  }
  const seen = [await occasion(), await occasion()]
  await it.kube.create(secrets, secret('cloudflare', { token: 'x' }))
  seen.push(await occasion())
  await it.kube.patch(
    secrets,
    { name: 'cloudflare', namespace: 'shop' },
    { data: { token: 'eQ==' } },
  )
  seen.push(await occasion())
  const url = 'https://ca.test/2'
  const moved = issuer({ acme: { server, solvers } }, { account: { ...account, url } })
  await it.kube.applyStatus(strongroomIssuers, moved)
  await it.time.pass(1)
  seen.push(await occasion())
  assert.equal(seen[0], seen[1])
  assert.equal(new Set(seen).size, 4)
})

test('IssuerFinder says why an issuer cannot be used', async () => {
  const reasonOf = async (resource?: StrongroomIssuer, key?: Secret) => {
    await using it = await scene(resource)
    if (key !== undefined) await it.kube.create(secrets, key)
    const found = await it.find()
    return found.kind === 'unusable' ? `${found.reason}: ${found.message}` : found.kind
  }
  assert.match(await reasonOf(), /^IssuerNotFound/)
  assert.match(await reasonOf(issuer({ acme }, {})), /has no account yet/)
  assert.match(await reasonOf(issuer({ acme })), /account key .* is gone/)
  const other = { account: { ...account, keyThumbprint: 'another' } }
  assert.match(await reasonOf(issuer({ acme }, other), accountSecret), /or another one/)
  assert.match(await reasonOf(issuer({ ca: { secretRef: { name: 'x' } } })), /^SecretNotFound/)
})

test('IssuerFinder signs with a CA of the user’s own', async () => {
  await using it = await scene(issuer({ ca: { secretRef: { name: 'own' } } }))
  const data = tlsData(await authority('own'))
  await it.kube.create(secrets, { ...secret('own', {}), data })
  assert.equal((await it.find()).kind, 'ca')
})
