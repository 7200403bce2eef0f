/** Orders by the real step at a real CA: what is issued, in which acts, and that none of them is taken twice. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { certificateId } from '#shared/acme/certificate-id.ts'
import { renewalNews } from '#shared/acme/renewal-news.ts'
import { afterRenewalNews } from '#shared/acme/renewal-plan.ts'
import { readCertificates, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { type Http01Server, http01Server } from '#test/support/acme-lab/http01-server.ts'
import {
  dns01Solver,
  http01Solver,
  labAccount,
  leafOf,
  type OrderRun,
  runOrder,
} from '#test/support/acme-lab/order-run.ts'

const profile = 'default'
let lab: AcmeLab
let web: Http01Server
before(async () => {
  lab = await acmeLab({ lifeSeconds: 3600, shortLifeSeconds: 300, alternateRoots: 1 })
  web = await http01Server(lab.httpPort)
  for (const name of ['a.lab.test', 'b.lab.test']) await lab.dns.setAddress(name, '127.0.0.1')
})
after(async () => {
  await web[Symbol.asyncDispose]()
  await lab[Symbol.asyncDispose]()
})

type Wanted = Partial<Omit<OrderRun, 'wish'>> & Pick<OrderRun, 'wish' | 'api'>

/** Runs it, and says how many orders the CA was asked for meanwhile. */
async function ordered(wanted: Wanted) {
  const earlier = lab.counts().newOrder
  const end = await runOrder({ solvers: [http01Solver(web)], ...wanted })
  return { ...end, newOrders: lab.counts().newOrder - earlier }
}

describe('advance() at a real CA', () => {
  test('proves names by HTTP-01, side by side, with one order, and cleans up', async () => {
    using api = await labAccount(lab)
    const names = ['a.lab.test', 'b.lab.test']
    const end = await ordered({ api, wish: { names, profile } })
    assert.equal(end.newOrders, 1)
    assert.deepEqual(leafOf(end.issued).dnsNames.toSorted(), names)
    assert.equal(web.answers.size, 0)
    assert.equal(end.acts.filter((act) => act === 'present').length, 1)
    assert.deepEqual([end.state?.attempts, end.state?.problem], [0, undefined])
    const [leaf, issuer] = readCertificates(Buffer.from(end.issued ?? ''))
    assert.ok(leaf !== undefined && issuer !== undefined && verifyIssuedBy(leaf, issuer))
  })

  test('proves a name and its wildcard by DNS-01 at once, and leaves no record', async () => {
    using api = await labAccount(lab)
    const names = ['c.lab.test', '*.c.lab.test']
    const end = await ordered({ api, wish: { names, profile }, solvers: [dns01Solver(lab)] })
    assert.equal(end.newOrders, 1)
    assert.deepEqual(leafOf(end.issued).dnsNames.toSorted(), names.toSorted())
    assert.deepEqual(await lab.dns.txt('_acme-challenge.c.lab.test'), [])
  })

  test('orders an address, and RSA keys', async () => {
    using api = await labAccount(lab)
    const keys = await makeKeyPair('rsa-3072')
    const end = await ordered({ api, wish: { names: ['127.0.0.1'], profile }, keys })
    assert.deepEqual(leafOf(end.issued).ipAddresses, ['127.0.0.1'])
    assert.equal(leafOf(end.issued).publicKey.asymmetricKeyType, 'rsa')
  })

  test('orders the profile that is wished, and says what the CA thinks of another', async () => {
    using api = await labAccount(lab)
    const profiles = Object.keys((await api.directory()).profiles ?? {})
    assert.deepEqual(profiles.toSorted(), ['default', 'shortlived'])
    const short = await ordered({ api, wish: { names: ['a.lab.test'], profile: 'shortlived' } })
    const { notBefore, notAfter } = leafOf(short.issued)
    assert.ok(Math.abs(notAfter - notBefore - 300_000) <= 1000)
    const wish = { names: ['a.lab.test'], profile: 'unheard' }
    const refused = await ordered({ api, wish, stop: ({ state }) => state.attempts > 0 })
    assert.equal(refused.state?.problem?.type, 'invalidProfile')
    assert.match(refused.state?.problem?.detail ?? '', /profile/)
  })

  test('gives the chain that is preferred', async () => {
    using api = await labAccount(lab)
    const tops: string[] = []
    for (const root of await lab.roots()) {
      const { commonName } = leafOf(root)
      const { issued } = await ordered({
        api,
        wish: { names: ['a.lab.test'], profile, preferredChain: commonName },
      })
      const top = readCertificates(Buffer.from(issued ?? '')).at(-1)
      assert.equal(top?.issuer, `CN=${commonName}`)
      tops.push(commonName)
    }
    assert.equal(new Set(tops).size, 2)
  })

  test('comes to its end with the same order, killed after any of its acts', async () => {
    using api = await labAccount(lab)
    const wish = { names: ['a.lab.test', 'b.lab.test'], profile }
    const whole = await ordered({ api, wish })
    for (const killed of new Set(whole.acts)) {
      const keys = await makeKeyPair('p-256')
      const first = whole.acts.indexOf(killed)
      const kill = (index: number) => index === first
      const { issued, newOrders } = await ordered({ api, wish, keys, kill })
      assert.deepEqual(leafOf(issued).dnsNames.toSorted(), wish.names, killed)
      assert.equal(newOrders, killed === 'new-order' ? 2 : 1, `killed after ${killed}`)
      assert.equal(web.answers.size, 0, killed)
    }
  })
})

describe('renewal information of a real CA', () => {
  test('moves the renewal into the window that it names, also one in the past', async () => {
    using api = await labAccount(lab)
    const { issued = '' } = await ordered({ api, wish: { names: ['a.lab.test'], profile } })
    const certificate = leafOf(issued)
    const ask = async (nowMs: number) =>
      afterRenewalNews(certificate, await renewalNews(api, certificate), {
        state: undefined,
        nowMs,
        random: () => 0.5,
      })
    const natural = await ask(Date.now())
    assert.ok(natural.window !== undefined)
    const [start, end] = [certificate.notBefore + 600_000, certificate.notBefore + 1_200_000]
    const window = { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
    await lab.setRenewalInfo(issued, window)
    const forced = await ask(Date.now())
    assert.equal(Date.parse(forced.renewAt), (start + end) / 2)
    await lab.setRenewalInfo(issued, { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' })
    assert.ok(Date.parse((await ask(Date.now())).renewAt) < Date.now())
    await lab.setRenewalInfo(issued, '{"suggestedWindow":')
    const senseless = await ask(Date.now())
    assert.match(senseless.ignored ?? '', /names no window/)
  })

  test('is used with `replaces` once, and the order goes on without it after that', async () => {
    using api = await labAccount(lab)
    const names = ['a.lab.test']
    const { issued } = await ordered({ api, wish: { names, profile } })
    const wish = { names, profile, replaces: certificateId(leafOf(issued)) }
    const renewed = await ordered({ api, wish })
    assert.deepEqual([renewed.newOrders, renewed.state?.withoutReplaces], [1, false])
    const again = await ordered({ api, wish })
    assert.deepEqual([again.newOrders, again.state?.withoutReplaces], [2, true])
    assert.notEqual(leafOf(again.issued).serial, leafOf(renewed.issued).serial)
  })
})
