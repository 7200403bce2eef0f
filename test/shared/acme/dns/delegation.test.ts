import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followed, zoneOf } from '#shared/acme/dns/delegation.ts'
import { resolverOf } from '#shared/acme/dns/resolver.ts'
import type { DnsRecord } from '#shared/acme/dns/wire.ts'
import { dnsNetwork, rr } from '#test/support/dns-server.ts'

const forever = new AbortController().signal

function resolver(...records: readonly DnsRecord[]) {
  const server = { host: '192.0.2.1', port: 53 }
  return resolverOf([server], dnsNetwork({ '192.0.2.1:53': records }))
}

test('followed() gives the name itself where it has no CNAME', async () => {
  assert.equal(await followed('a.test', resolver(), forever), 'a.test')
  assert.equal(await followed('a.test', resolver(rr('a.test', 'TXT', 'x')), forever), 'a.test')
})

test('followed() gives the last name of a chain', async () => {
  const chain = resolver(rr('a.test', 'CNAME', 'b.test'), rr('b.test', 'CNAME', 'c.other'))
  assert.equal(await followed('a.test', chain, forever), 'c.other')
})

test('followed() refuses a circle and shows it', async () => {
  const circle = resolver(rr('a.test', 'CNAME', 'b.test'), rr('b.test', 'CNAME', 'a.test'))
  await assert.rejects(followed('a.test', circle, forever), {
    code: 'DnsDelegationEndless',
    message: /a\.test → b\.test → a\.test is a circle/,
  })
  await assert.rejects(followed('a.test', resolver(rr('a.test', 'CNAME', 'a.test')), forever), {
    code: 'DnsDelegationEndless',
  })
})

test('followed() takes 8 steps and no more', async () => {
  const steps = (count: number) =>
    resolver(...Array.from({ length: count }, (_, at) => rr(`n${at}`, 'CNAME', `n${at + 1}`)))
  assert.equal(await followed('n0', steps(8), forever), 'n8')
  await assert.rejects(followed('n0', steps(9), forever), /more than 8 steps/)
})

test('zoneOf() gives the longest parent with an SOA record', async () => {
  const resolve = resolver(rr('test', 'SOA', 'ns'), rr('sub.a.test', 'SOA', 'ns'))
  assert.equal(await zoneOf('_acme-challenge.x.sub.a.test', resolve, forever), 'sub.a.test')
  assert.equal(await zoneOf('sub.a.test', resolve, forever), 'sub.a.test')
  assert.equal(await zoneOf('a.test', resolve, forever), 'test')
})

test('zoneOf() takes no SOA record that belongs to the target of a CNAME', async () => {
  const resolve = resolver(rr('test', 'SOA', 'ns'), rr('a.test', 'CNAME', 'b.other'))
  assert.equal(await zoneOf('a.test', resolve, forever), 'test')
})

test('zoneOf() says when nobody has a zone', async () => {
  await assert.rejects(zoneOf('a.test', resolver(), forever), { code: 'DnsZoneNotFound' })
})
