import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isShownAbove,
  notYetAtAuthorities,
  notYetAtResolvers,
} from '#shared/acme/dns/propagation.ts'
import { resolverOf } from '#shared/acme/dns/resolver.ts'
import type { DnsRecord } from '#shared/acme/dns/wire.ts'
import { dnsNetwork, type FakeDns, rr } from '#test/support/dns-server.ts'

const forever = new AbortController().signal
const name = '_acme-challenge.db.example.com'
const record = { name, value: 'right' }
const right = [rr(name, 'TXT', 'right')]

/** What the resolver knows: a zone with two name servers, the second of which has two addresses. */
const zone: readonly DnsRecord[] = [
  rr('example.com', 'SOA', 'ns1.example.com'),
  rr('example.com', 'NS', 'ns1.example.com'),
  rr('example.com', 'NS', 'ns2.example.com'),
  rr('ns1.example.com', 'A', '192.0.2.1'),
  rr('ns2.example.com', 'A', '192.0.2.2'),
  rr('ns2.example.com', 'AAAA', '2001:0db8:0000:0000:0000:0000:0000:0002'),
]
const ns2v6 = '[2001:0db8:0000:0000:0000:0000:0000:0002]:53'

function check(servers: Record<string, FakeDns>, known = zone, asked = record) {
  const ask = dnsNetwork({ '192.0.2.53:53': known, ...servers })
  const resolve = resolverOf([{ host: '192.0.2.53', port: 53 }], ask)
  return {
    ask,
    reason: notYetAtAuthorities(asked, { ask, resolve, authoritativePort: 53 }, forever),
  }
}

test('notYetAtAuthorities() asks every name server itself, without recursion', async () => {
  const servers = { '192.0.2.1:53': right, '192.0.2.2:53': right, [ns2v6]: right }
  const { ask, reason } = check(servers)
  assert.equal(await reason, undefined)
  for (const at of Object.keys(servers)) assert.ok(ask.asked.includes(`${at} ${name} 16`), at)
})

test('notYetAtAuthorities() says which server has something else, and which has nothing', async () => {
  const other = [rr(name, 'TXT', 'other'), rr(name, 'TXT', 'another')]
  const { reason } = check({ '192.0.2.1:53': other, '192.0.2.2:53': [], [ns2v6]: right })
  assert.equal(
    await reason,
    `the value at ${name} is not shown by all servers yet: ` +
      'ns1.example.com: 192.0.2.1:53 has 2 TXT of other values; ns2.example.com: 192.0.2.2:53 has no TXT record',
  )
})

test('notYetAtAuthorities() takes the value beside others', async () => {
  const both = [rr(name, 'TXT', 'other'), ...right]
  const { reason } = check({ '192.0.2.1:53': both, '192.0.2.2:53': both, [ns2v6]: both })
  assert.equal(await reason, undefined)
})

test('notYetAtAuthorities() lets an address be silent if another of that server shows the value', async () => {
  const { reason } = check({ '192.0.2.1:53': right, '192.0.2.2:53': right })
  assert.equal(await reason, undefined)
})

test('notYetAtAuthorities() names servers that are silent, refuse, or have no address', async () => {
  const lost = [...zone, rr('example.com', 'NS', 'ns3.example.com')]
  const { reason } = check({ '192.0.2.1:53': 5 }, lost)
  assert.equal(
    await reason,
    `the value at ${name} is not shown by all servers yet: ` +
      'ns1.example.com: 192.0.2.1:53 answers REFUSED; ' +
      `ns2.example.com: 192.0.2.2:53 does not answer: nothing came in time, ${ns2v6} does not answer: nothing came in time; ` +
      'ns3.example.com has no address',
  )
})

test('notYetAtAuthorities() looks where the CNAMEs lead, as the CA does', async () => {
  const delegated = [
    rr(name, 'CNAME', 'x.auth.test'),
    rr('auth.test', 'SOA', 'ns.auth.test'),
    rr('auth.test', 'NS', 'ns.auth.test'),
    rr('ns.auth.test', 'A', '192.0.2.9'),
  ]
  const there = check({ '192.0.2.9:53': [rr('x.auth.test', 'TXT', 'right')] }, delegated)
  assert.equal(await there.reason, undefined)
  const missing = check({ '192.0.2.9:53': [] }, delegated)
  assert.match(
    (await missing.reason) ?? '',
    /^the value at _acme-challenge\.db\.example\.com, which leads to x\.auth\.test, is not shown/,
  )
})

test('notYetAtAuthorities() says that a zone has no name servers', async () => {
  const { reason } = check({}, [rr('example.com', 'SOA', 'ns1.example.com')])
  assert.match((await reason) ?? '', /: the zone example\.com has no name servers$/)
})

test('notYetAtAuthorities() fails where no resolver answers', async () => {
  const nobody = resolverOf([], dnsNetwork({}))
  const looking = { ask: dnsNetwork({}), resolve: nobody, authoritativePort: 53 }
  await assert.rejects(notYetAtAuthorities(record, looking, forever), { code: 'DnsLookupFailed' })
})

test('notYetAtResolvers() asks all of them, with recursion', async () => {
  const servers = ['192.0.2.1', '192.0.2.2'].map((host) => ({ host, port: 53 }))
  const network: Record<string, FakeDns> = { '192.0.2.1:53': right, '192.0.2.2:53': 2 }
  const ask = dnsNetwork(network)
  assert.equal(
    await notYetAtResolvers(record, { ask, servers }, forever),
    `the value at ${name} is not shown by all servers yet: 192.0.2.2:53 answers SERVFAIL`,
  )
  network['192.0.2.2:53'] = right
  assert.equal(await notYetAtResolvers(record, { ask, servers }, forever), undefined)
  assert.ok(ask.asked.every((line) => line.endsWith(' recursively')))
  assert.match(
    (await notYetAtResolvers(record, { ask, servers: [] }, forever)) ?? '',
    /no resolver/,
  )
})

test('isShownAbove() asks the name servers of the zone, and no resolver for the name itself', async () => {
  const servers: Record<string, FakeDns> = { '192.0.2.53:53': zone, '192.0.2.1:53': right }
  const ask = dnsNetwork(servers)
  const resolve = resolverOf([{ host: '192.0.2.53', port: 53 }], ask)
  const looking = { ask, resolve, authoritativePort: 53 }
  assert.equal(await isShownAbove(record, looking, forever), false)
  servers['192.0.2.2:53'] = right
  assert.equal(await isShownAbove(record, looking, forever), true)
  assert.ok(!ask.asked.some((line) => line.startsWith(`192.0.2.53:53 ${name} `)))
})

test('notYetAtResolvers() asks for texts alone, where CNAMEs lead that a server does not follow itself', async () => {
  const servers = [{ host: '192.0.2.1', port: 53 }]
  const chain = [rr(name, 'CNAME', 'x.auth.test'), rr('x.auth.test', 'CNAME', 'y.auth.test')]
  const network: Record<string, FakeDns> = { '192.0.2.1:53': chain }
  const ask = dnsNetwork(network)
  assert.match((await notYetAtResolvers(record, { ask, servers }, forever)) ?? '', /no TXT/)
  network['192.0.2.1:53'] = [...chain, rr('y.auth.test', 'TXT', 'right')]
  assert.equal(await notYetAtResolvers(record, { ask, servers }, forever), undefined)
  assert.ok(ask.asked.every((line) => line.endsWith(' 16 recursively')))
  network['192.0.2.1:53'] = [rr(name, 'CNAME', name)]
  assert.match((await notYetAtResolvers(record, { ask, servers }, forever)) ?? '', /no TXT/)
  network['192.0.2.1:53'] = [rr(name, 'CNAME', 'b.test'), rr('b.test', 'CNAME', name)]
  assert.match((await notYetAtResolvers(record, { ask, servers }, forever)) ?? '', /no TXT/)
})
