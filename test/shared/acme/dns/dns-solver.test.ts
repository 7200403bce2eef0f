import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { DnsSecrets, DnsSolverConfig } from '#shared/acme/dns/configuration.ts'
import { dnsSolver } from '#shared/acme/dns/dns-solver.ts'
import { txtRecord } from '#shared/acme/dns/record.ts'
import {
  acmeDnsAccount,
  acmeDnsServer,
  awsCredentials,
  cloudflareServer,
  route53Server,
  webhookServer,
} from '#test/support/dns-providers.ts'
import { dnsNetwork, type FakeDns, rr } from '#test/support/dns-server.ts'
import { testAuthority } from '#test/support/https-server.ts'

const authority = await testAuthority()
const signal = new AbortController().signal
const nowMs = Date.UTC(2026, 0, 1)
const clock = { now: () => nowMs }
const challenge = {
  type: 'dns-01',
  name: 'db.example.com',
  token: 'token',
  keyAuthorization: 'token.thumbprint',
} as const
const { name, value } = txtRecord(challenge)
const caBundle = authority.pem
const resolver = '192.0.2.53:53'
const nameservers = [resolver]

test('dnsSolver() writes at the name itself, or where its CNAMEs lead', async () => {
  await using server = await webhookServer(authority, { nowMs })
  const webhook = { url: `https://localhost:${server.port}/`, caBundle }
  const ask = dnsNetwork({ [resolver]: [rr(name, 'CNAME', 'x.auth.test')] })
  const solver = (cnameStrategy: 'None' | 'Follow') =>
    dnsSolver(
      { webhook, nameservers, cnameStrategy },
      { webhookKey: 'webhook-key' },
      { clock, ask },
    )
  await solver('None').present(challenge, signal)
  await solver('Follow').present(challenge, signal)
  assert.deepEqual([...server.records], [`${name} ${value}`, `x.auth.test ${value}`])
  await solver('Follow').cleanUp(challenge, signal)
  assert.deepEqual([...server.records], [`${name} ${value}`])
  const { type, label } = solver('None')
  assert.deepEqual({ type, label }, { type: 'dns-01', label: 'webhook' })
})

test('dnsSolver() tells a webhook the zone, where there is one', async () => {
  await using server = await webhookServer(authority, { nowMs })
  const webhook = { url: `https://localhost:${server.port}/`, caBundle }
  const world: Record<string, FakeDns> = { [resolver]: [rr('example.com', 'SOA', 'ns')] }
  const means = { clock, ask: dnsNetwork(world) }
  const solver = dnsSolver({ webhook, nameservers }, { webhookKey: 'webhook-key' }, means)
  await solver.present(challenge, signal)
  world[resolver] = 'silent'
  await solver.present(challenge, signal)
  const zones = server.asked.map(({ body }) => JSON.parse(body).zone)
  assert.deepEqual(zones, ['example.com', null])
})

test('dnsSolver() checks with whom it is told to', async () => {
  const zone = [
    rr('example.com', 'SOA', 'ns.example.com'),
    rr('example.com', 'NS', 'ns.example.com'),
    rr('ns.example.com', 'A', '192.0.2.1'),
  ]
  const right = rr(name, 'TXT', value)
  const cases: readonly (readonly [
    DnsSolverConfig['check'],
    Record<string, FakeDns>,
    RegExp | undefined,
  ])[] = [
    [undefined, { [resolver]: zone, '192.0.2.1:99': [right] }, undefined],
    ['Authoritative', { [resolver]: [...zone, right], '192.0.2.1:99': [] }, /has no TXT record/],
    ['Recursive', { [resolver]: [right] }, undefined],
    ['Recursive', { [resolver]: zone }, /has no TXT record/],
    [
      'Recursive',
      { [resolver]: [rr(name, 'CNAME', 'x.test'), rr('x.test', 'TXT', value)] },
      undefined,
    ],
    ['None', {}, undefined],
  ]
  for (const [check, world, expected] of cases) {
    const config = {
      rfc2136: { server: '192.0.2.1' },
      nameservers,
      ...(check === undefined ? {} : { check }),
    }
    const means = { clock, ask: dnsNetwork(world), authoritativePort: 99 }
    const reason = await dnsSolver(config, {}, means).check(challenge, signal)
    if (expected === undefined) assert.equal(reason, undefined)
    else assert.match(reason ?? '', expected)
  }
})

test('dnsSolver() sends acme-dns no value that it shows already', async () => {
  await using server = await acmeDnsServer(authority)
  const acmeDns = { url: `https://localhost:${server.port}/base`, caBundle }
  const secrets = { acmeDnsAccounts: JSON.stringify({ 'db.example.com': acmeDnsAccount }) }
  const world: Record<string, FakeDns> = { [resolver]: 'silent' }
  const means = { clock, ask: dnsNetwork(world) }
  const solver = dnsSolver({ acmeDns, nameservers, cnameStrategy: 'Follow' }, secrets, means)
  await solver.present(challenge, signal)
  world[resolver] = [
    rr('auth.test', 'SOA', 'auth.test'),
    rr('auth.test', 'NS', 'auth.test'),
    rr('auth.test', 'A', '192.0.2.1'),
  ]
  world['192.0.2.1:53'] = [rr(acmeDnsAccount.fulldomain, 'TXT', value)]
  await solver.present(challenge, signal)
  assert.deepEqual(server.values, [value])
  world['192.0.2.1:53'] = []
  await solver.present(challenge, signal)
  assert.deepEqual(server.values, [value, value])
})

test('dnsSolver() refuses none, two, and nameservers that are none', () => {
  const rfc2136 = { server: 'a' }
  const webhook = { url: 'https://a' }
  const secrets = { webhookKey: 'k' }
  assert.throws(() => dnsSolver({}, secrets, { clock }), /it names 0 providers/)
  assert.throws(() => dnsSolver({ rfc2136, webhook }, secrets, { clock }), /it names 2 providers/)
  assert.throws(
    () => dnsSolver({ rfc2136, nameservers: ['a b'] }, secrets, { clock }),
    /"a b" among its nameservers/,
  )
})

/** Each provider with a secret that is wrong, right, or useless, and what goes wrong with it; every error is looked through. */
test('dnsSolver() lets no secret into any error, not even into its causes', async () => {
  await using cloudflare = await cloudflareServer(authority, { token: 'another' })
  await using aws = await route53Server(authority, { nowMs })
  await using account = await acmeDnsServer(authority)
  await using hook = await webhookServer(authority, { nowMs, key: 'another' })
  const canary = 'CANARY-0123456789abcdef'
  const secrets: DnsSecrets = {
    tsigSecret: Buffer.from(canary).toString('base64'),
    acmeDnsAccounts: JSON.stringify({
      'db.example.com': { ...acmeDnsAccount, username: `${canary}-user`, password: canary },
    }),
    cloudflareToken: canary,
    awsSecretAccessKey: canary,
    awsSessionToken: `${canary}-session`,
    webhookKey: canary,
  }
  const at = (port: number, path = '') => ({ url: `https://localhost:${port}${path}`, caBundle })
  const { accessKeyId } = awsCredentials
  const configs = (port?: number): DnsSolverConfig[] => [
    { rfc2136: { server: '127.0.0.1:1', tsigKeyName: 'k' } },
    { acmeDns: at(port ?? account.port, '/base') },
    { cloudflare: at(port ?? cloudflare.port, '/client/v4') },
    { route53: { ...at(port ?? aws.port), accessKeyId } },
    { webhook: at(port ?? hook.port) },
    { webhook: { ...at(port ?? hook.port), authentication: 'Bearer' } },
  ]
  const means = { clock, ask: dnsNetwork({}) }
  const useless = Object.fromEntries(
    Object.entries(secrets).map(([key, text]) => [key, `${text}\n${canary}`]),
  )
  let errors = 0
  for (const given of [secrets, useless]) {
    for (const config of [...configs(), ...configs(1)]) {
      const act = async () => dnsSolver({ ...config, nameservers }, given, means)
      for (const once of ['present', 'cleanUp'] as const) {
        const error = await act()
          .then((solver) => solver[once](challenge, signal))
          .catch((e) => e)
        if (error === undefined) continue
        errors += 1
        const seen = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error)
        assert.doesNotMatch(seen, /CANARY|Q0FOQVJZ/, seen)
        assert.match(error.code, /^Dns(?:Provider|Update)Failed$|^DnsSolverInvalid$/)
      }
    }
  }
  // acme-dns takes nothing away, and so fails at nothing there.
  assert.ok(errors >= 40, `${errors} errors`)
})
