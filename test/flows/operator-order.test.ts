import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { apiVersion } from '#operator/api/common.ts'
import { type StrongroomIssuer, strongroomIssuers } from '#operator/api/issuer.ts'
import { names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { defaultPolicy } from '#operator/policy.ts'
import { IssuerFinder } from '#operator/strongrooms/orders/find-issuer.ts'
import { orderPass } from '#operator/strongrooms/orders/pass.ts'
import type { Passed } from '#operator/strongrooms/orders/scene.ts'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import type { AcmeApi } from '#shared/acme/acme-api.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import { thumbprint } from '#shared/acme/jws.ts'
import { OrderedNames } from '#shared/acme/ordered-names.ts'
import { systemClock as clock } from '#shared/clock.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { privateKeyPem } from '#shared/pki/pem.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { FakeAdmin } from '#test/support/fake-admin.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { secret, strongroom } from '#test/support/resources.ts'
import { strongroomWorld } from '#test/support/strongroom-world.ts'
import { syncedCache } from '#test/support/synced-cache.ts'

/** An operator whose cluster is in memory and whose CA and DNS server are real. */
async function scene(lab: AcmeLab, changed: (api: AcmeApi) => AcmeApi) {
  const kube = new FakeKube()
  const { privateKey } = await makeKeyPair('p-256')
  const known = { directoryUrl: lab.directoryUrl, accountKey: privateKey, trust: lab.trust }
  const api = httpsAcme({ ...known, now: clock.now })
  const { url } = await api.newAccount({ contact: [] })
  api.close()
  await kube.create(secrets, secret('le-account', { 'tls.key': privateKeyPem(privateKey) }))
  await kube.create(secrets, secret('tsig', { key: lab.dns.tsigKey.secret }))
  await kube.create(strongroomIssuers, issuer(lab, url, thumbprint(privateKey)))
  const names = { exposure: { host: 'vault.lab.test' } }
  const tls = { server: { issuerRef: { name: 'le' } }, dnsNames: ['*.vault.lab.test'] }
  await kube.create(strongrooms, strongroom({ spec: { ...names, tls } }))
  const synced = await syncedCache(kube)
  const { cache } = synced
  const finder = () =>
    new IssuerFinder({
      ...{ kube, cache, clock, admin: () => new FakeAdmin() },
      connectAcme: (access) => changed(httpsAcme({ ...access, now: clock.now })),
      ...{ addresses: async () => [], challengePort: 8089, look: async () => undefined },
      ingressPolicy: defaultPolicy.ingress,
    })
  return { kube, cache, finder, [Symbol.asyncDispose]: () => synced[Symbol.asyncDispose]() }
}

function issuer(lab: AcmeLab, url: string, keyThumbprint: string): StrongroomIssuer {
  const rfc2136 = {
    server: lab.dns.address,
    keyName: lab.dns.tsigKey.name,
    keySecretRef: { name: 'tsig', key: 'key' },
  }
  const check = { mode: 'Recursive' as const, nameservers: [lab.dns.address] }
  const acme = {
    server: lab.directoryUrl,
    caBundle: lab.trust,
    solvers: [{ dns01: { rfc2136, check } }],
  }
  const account = { url, server: lab.directoryUrl, keyThumbprint, checkedAt: '' }
  const metadata = { name: 'le', namespace: 'shop' }
  const status = { account }
  return { apiVersion, kind: 'StrongroomIssuer', metadata, spec: { acme }, status } as never
}

/** A CA of which every exchange is deadly at first: once before it is made, and once before its answer is known. */
function deadly<T extends object>(api: T, survived: Set<string>): T {
  const dieAt = (point: string): void => {
    if (survived.has(point)) return
    survived.add(point)
    throw new Error('killed')
  }
  return new Proxy(api, {
    get: (target, property) => {
      const exchange = Reflect.get(target, property)
      if (typeof exchange !== 'function') return exchange
      if (property === 'close') return () => Reflect.apply(exchange, target, [])
      return async (...given: unknown[]) => {
        // That of an order which is not written down would be lost with its answer.
        if (property !== 'newOrder') dieAt(`before ${String(property)}`)
        const answer = await Reflect.apply(exchange, target, given)
        if (property !== 'newOrder') dieAt(`after ${String(property)}`)
        return answer
      }
    },
  })
}

test('an operator that is killed at every exchange and at every writing ends one order at a real CA', {
  timeout: 120_000,
}, async () => {
  await using lab = await acmeLab()
  const survived = new Set<string>()
  await using it = await scene(lab, (api) => deadly(api, survived))
  const world = await strongroomWorld()
  const ref = { name: 'vault', namespace: 'shop' }
  let lives = 0
  for (;;) {
    lives += 1
    assert.ok(lives < 100, 'it never ends')
    const cluster = await it.kube.get<Strongroom>(strongrooms, ref)
    if (cluster === undefined) throw new Error('there is none')
    const observed = world.seen({ cluster, secrets: new Map(), members: [], nowMs: clock.now() })
    const finder = it.finder()
    const means = {
      ...{ kube: it.kube, cache: it.cache, clock, random: () => 0.5 },
      report: async () => undefined,
      findIssuer: (one: Strongroom, name: string) => finder.find(one, name),
      ...{ orderedNames: new OrderedNames(), ownWrites: new OwnWrites() },
    }
    // Every life that writes something down dies of it.
    const write = async (passed: Passed): Promise<void> => {
      if (isDeepStrictEqual(asStored(passed.order), cluster.status?.order)) return
      await writeDown(it.kube, cluster, passed)
      throw new Error('killed')
    }
    const passed = await orderPass(observed, means, write).catch((error: Error) => {
      if (error.message !== 'killed') throw error
      return undefined
    })
    finder.close()
    if (passed !== undefined) await writeDown(it.kube, cluster, passed)
    if (passed !== undefined && passed.order === undefined) break
    await sleep(Math.min(Math.max((passed?.againAtMs ?? 0) - clock.now(), 0), 5_000))
  }
  for (const exchange of ['authorization', 'answer', 'order', 'finalize', 'certificate'])
    for (const when of ['before', 'after'])
      assert.ok(survived.has(`${when} ${exchange}`), `never killed ${when} ${exchange}`)
  assert.equal(lab.counts().newOrder, 1)
  const found = await it.kube.get<Secret>(secrets, {
    name: names.issuedTls('vault'),
    namespace: 'shop',
  })
  assert.equal(found?.metadata.annotations?.['strongroom.dev/issuer'], 'StrongroomIssuer le')
})

async function writeDown(kube: FakeKube, cluster: Strongroom, passed: Passed): Promise<void> {
  const { apiVersion: version, kind, metadata } = cluster
  const status = { order: passed.order, publicCertificate: passed.certificate }
  await kube.applyStatus(strongrooms, {
    ...{ apiVersion: version, kind, metadata: { name: metadata.name, namespace: 'shop' } },
    status: asStored(status),
  } as never)
}

/** Without what is undefined. */
function asStored<T>(given: T): T {
  return given === undefined ? given : JSON.parse(JSON.stringify(given))
}
