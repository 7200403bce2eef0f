import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointOf } from '#shared/acme/dns/endpoint.ts'
import { contentsOf, resolverOf, systemResolvers, targetOf } from '#shared/acme/dns/resolver.ts'
import { RecordType } from '#shared/acme/dns/wire.ts'
import { dnsNetwork, rr } from '#test/support/dns-server.ts'

const forever = new AbortController().signal
const servers = ['192.0.2.1', '192.0.2.2'].flatMap((text) => endpointOf(text) ?? [])

test('resolverOf() takes the first resolver that has an answer, also that there is no such name', async () => {
  const ask = dnsNetwork({ '192.0.2.1:53': 2, '192.0.2.2:53': [rr('a.test', 'NS', 'ns.test')] })
  const resolve = resolverOf(servers, ask)
  const { answers } = await resolve('a.test', RecordType.NS, forever)
  assert.equal(answers.length, 1)
  const { rcode } = await resolve('b.test', RecordType.NS, forever)
  assert.equal(rcode, 3)
  assert.ok(ask.asked.every((line) => line.endsWith(' recursively')))
})

test('resolverOf() names every resolver that failed, and how', async () => {
  const resolve = resolverOf(servers, dnsNetwork({ '192.0.2.1:53': 5 }))
  await assert.rejects(resolve('a.test', RecordType.NS, forever), {
    code: 'DnsLookupFailed',
    message:
      'Cannot look up NS of a.test: 192.0.2.1:53 answers REFUSED; 192.0.2.2:53 does not answer: nothing came in time. ' +
      'Check that these servers can be reached, or set nameservers of the solver',
  })
  const nobody = resolverOf([], dnsNetwork({}))
  await assert.rejects(nobody('a.test', 99, forever), /type 99 of a.test: there is no resolver/)
})

test('contentsOf() takes name and type, targetOf() reads the name in it', () => {
  const records = [
    rr('a.test', 'NS', 'ns1.test'),
    rr('b.test', 'NS', 'x'),
    rr('a.test', 'TXT', 'x'),
  ]
  assert.deepEqual(contentsOf(records, 'a.test', RecordType.NS).map(targetOf), ['ns1.test'])
})

test('systemResolvers() gives addresses with ports', () => {
  for (const { host, port } of systemResolvers()) {
    assert.match(host, /^[\d.]+$|:/)
    assert.ok(port > 0)
  }
})
