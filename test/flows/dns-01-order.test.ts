/** A certificate from Pebble, a real CA, proven through Knot, a real DNS server: apex and wildcard in one order. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { advance } from '#shared/acme/advance.ts'
import type { Means, Wish } from '#shared/acme/advance.types.ts'
import { dnsSolver } from '#shared/acme/dns/dns-solver.ts'
import { httpsAcme } from '#shared/acme/https-acme.ts'
import type { OrderState } from '#shared/acme/order-state.ts'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { certificateRequest } from '#shared/pki/request.ts'
import { acmeLab } from '#test/support/acme-lab/acme-lab.ts'

/** Acts until the certificate is there; waits as told, and gives up after a minute. */
async function ordered(wish: Wish, means: Means): Promise<{ issued: string; acts: string[] }> {
  const acts: string[] = []
  let state: OrderState | undefined
  for (const endMs = Date.now() + 60_000; Date.now() < endMs; ) {
    const advanced = await advance(state, wish, means)
    state = advanced.state
    acts.push(advanced.act)
    if (advanced.issued !== undefined) return { issued: advanced.issued, acts }
    await setTimeout(Math.min(1000, Math.max(0, advanced.againAt - Date.now())))
  }
  assert.fail(`${acts.join(', ')}: ${JSON.stringify(state?.problem)}`)
}

test('dnsSolver() proves a name, its wildcard and a delegated name to Pebble in one order', async () => {
  await using lab = await acmeLab()
  const { dns } = lab
  const delegated = '_acme-challenge.away.lab.test'
  await dns.setAlias(delegated, 'challenges.other.test')
  const { privateKey: accountKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = () => Date.now()
  const api = httpsAcme({ directoryUrl: lab.directoryUrl, trust: lab.trust, accountKey, now })
  await api.newAccount({})
  const solver = dnsSolver(
    {
      rfc2136: { server: dns.address, tsigKeyName: dns.tsigKey.name },
      cnameStrategy: 'Follow',
      nameservers: [dns.address],
    },
    { tsigSecret: dns.tsigKey.secret },
    { clock: { now }, authoritativePort: dns.port },
  )
  const names = ['db.lab.test', '*.db.lab.test', 'away.lab.test']
  const keys = await makeKeyPair('p-256')
  const { issued, acts } = await ordered(
    { names, profile: 'shortlived' },
    {
      ...{ api, now, random: () => 0 },
      solverFor: (_, offered) => (offered.includes('dns-01') ? solver : undefined),
      csr: () => certificateRequest(names, keys),
      accept: () => undefined,
    },
  )
  const { subjectAltName = '' } = new X509Certificate(issued)
  assert.deepEqual(
    subjectAltName.split(', ').toSorted(),
    names.map((name) => `DNS:${name}`).toSorted(),
  )
  assert.equal(lab.counts().newOrder, 1)
  assert.ok(acts.includes('clean-up'), acts.join(', '))
  for (const name of ['_acme-challenge.db.lab.test', 'challenges.other.test']) {
    assert.deepEqual(await dns.txt(name), [], `${name} is clean again`)
  }
  api.close()
})
