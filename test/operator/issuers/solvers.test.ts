import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Dns01Solver, IssuerSolver } from '#operator/api/issuer-solvers.ts'
import {
  isProvenInHandshake,
  secretsOfSolvers,
  solversOf,
  solverTrouble,
} from '#operator/issuers/solvers.ts'
import type { Secret } from '#operator/kube/secret.ts'
import type { Solver } from '#shared/acme/solver.ts'
import { issuer, secret } from '#test/support/resources.ts'

const clock = { now: () => 0 }
const all = ['http-01', 'dns-01', 'tls-alpn-01']
const ref = (name: string, key = 'key') => ({ name, key })
const rfc2136 = { server: '192.0.2.1', keyName: 'k', keySecretRef: ref('tsig') }
const dnsSolvers: readonly Dns01Solver[] = [
  { rfc2136 },
  { acmeDns: { server: 'https://dns.example', accountSecretRef: ref('acme-dns', 'accounts') } },
  { cloudflare: { apiTokenSecretRef: ref('cloudflare', 'token') } },
  {
    route53: {
      accessKeyIdSecretRef: ref('aws', 'id'),
      secretAccessKeySecretRef: ref('aws', 'secret'),
    },
  },
  { webhook: { url: 'https://hook.example', tokenSecretRef: ref('hook', 'token') } },
]
const account = { username: 'u', password: 'p', fulldomain: 'x.dns.example', subdomain: 'x' }
const made = [
  secret('tsig', { key: 'c2VjcmV0LW9mLXRzaWctMzItYnl0ZXMtbG9uZyEh\n' }),
  secret('acme-dns', { accounts: JSON.stringify({ 'a.example': account }) }),
  secret('cloudflare', { token: 'cf-secret-token' }),
  secret('aws', { id: 'AKIA0000', secret: 'aws-secret' }),
  secret('hook', { token: 'hook-secret-token-that-is-long-enough' }),
]
const known = (secrets: readonly Secret[] = made) =>
  new Map(secrets.map((one) => [one.metadata.name, one]))
const withSolvers = (solvers: IssuerSolver[]) => issuer({ acme: { solvers } })
const fake = (label: string, type: Solver['type']): Solver => ({
  type,
  label,
  present: async () => undefined,
  check: async () => undefined,
  cleanUp: async () => undefined,
})
const http01 = () => fake('port 80', 'http-01')
const tlsAlpn01 = () => fake('members', 'tls-alpn-01')

test('solversOf() makes every DNS provider from its settings and Secrets', () => {
  const labels = dnsSolvers.map((dns01) => {
    const resource = withSolvers([{ dns01 }])
    assert.equal(solverTrouble(resource, known(), { clock }), undefined)
    return solversOf(resource, known(), { clock })('*.a.example', all)?.label
  })
  assert.deepEqual(labels, ['rfc2136', 'acmeDns', 'cloudflare', 'route53', 'webhook'])
})

test('solversOf() chooses by selector, offer and place', () => {
  const resource = withSolvers([
    { http01: {} },
    { tlsAlpn01: {}, selector: { dnsNames: ['b.example'] } },
    { dns01: { rfc2136 }, selector: { dnsZones: ['c.example'] } },
  ])
  const solverFor = solversOf(resource, known(), { clock, http01, tlsAlpn01 })
  const labels = ['a.example', 'b.example', 'x.c.example', '*.c.example', '*.a.example'].map(
    (name) => solverFor(name, all)?.label,
  )
  assert.deepEqual(labels, ['port 80', 'members', 'rfc2136', 'rfc2136', undefined])
  const nowhere = solversOf(resource, known(), { clock })
  assert.equal(nowhere('a.example', all), undefined, 'nothing answers here on port 80')
  assert.equal(solverFor('b.example', ['http-01'])?.label, 'port 80')
})

test('solversOf() gives the settings of http01 to what answers', () => {
  const seen: unknown[] = []
  const settings = { serviceType: 'LoadBalancer' } as const
  const answering = (given: unknown): Solver => {
    seen.push(given)
    return http01()
  }
  solversOf(withSolvers([{ http01: settings }]), known(), { clock, http01: answering })('a', all)
  assert.deepEqual(seen, [settings])
})

test('isProvenInHandshake() is true for names that TLS-ALPN-01 proves before any other solver', () => {
  const resource = withSolvers([
    { tlsAlpn01: {} },
    { http01: {}, selector: { dnsZones: ['b.example'] } },
  ])
  const proven = ['a.example', 'x.b.example', '*.a.example'].map((name) =>
    isProvenInHandshake(resource, name),
  )
  assert.deepEqual(proven, [true, false, false])
  assert.equal(isProvenInHandshake(withSolvers([{ http01: {} }, { tlsAlpn01: {} }]), 'a'), false)
  assert.equal(isProvenInHandshake(issuer({ spec: {} as never }), 'a.example'), false)
})

const challenge = {
  type: 'dns-01',
  name: 'a.example',
  token: 't',
  keyAuthorization: 't.k',
} as const
const { signal } = new AbortController()

test('solversOf() names the missing Secret or key when the solver is to act, and throws nothing before', async () => {
  const cases: readonly [readonly Secret[], RegExp][] = [
    [[], /^Error: Secret "tsig" of a solver does not exist$/],
    [
      [secret('tsig', { other: 'x' })],
      /^Error: Secret "tsig" of a solver holds nothing under "key"$/,
    ],
    [
      [secret('tsig', { key: ' \n' })],
      /^Error: Secret "tsig" of a solver holds nothing under "key"$/,
    ],
    [[secret('tsig', { key: '?' })], /Cannot use the DNS-01 solver/],
  ]
  const resource = withSolvers([{ tlsAlpn01: {} }, { dns01: { rfc2136 } }])
  for (const [secrets, expected] of cases) {
    const solver = solversOf(resource, known(secrets), { clock })('*.a.example', all)
    assert.ok(solver)
    await assert.rejects(solver.present(challenge, signal), (error) => expected.test(String(error)))
    await assert.rejects(solver.check(challenge, signal))
    await assert.rejects(solver.cleanUp(challenge, signal))
    const words = solverTrouble(resource, known(secrets), { clock }) ?? ''
    assert.match(`Error: ${words}`, new RegExp(expected.source.replace('^Error', 'Error')))
  }
})

test('solverTrouble() names no secret', () => {
  const broken = [secret('acme-dns', { accounts: '{"password":"top-secret"' })]
  const dns01 = dnsSolvers.find(({ acmeDns }) => acmeDns !== undefined) ?? {}
  const resource = withSolvers([{ dns01 }])
  const words = solverTrouble(resource, known(broken), { clock }) ?? ''
  assert.ok(words !== '' && !words.includes('top-secret'), words)
})

test('secretsOfSolvers() names each Secret once', () => {
  const resource = withSolvers([...dnsSolvers.map((dns01) => ({ dns01 })), { http01: {} }])
  const names = ['tsig', 'acme-dns', 'cloudflare', 'aws', 'hook']
  assert.deepEqual(secretsOfSolvers(resource), names)
  assert.deepEqual(secretsOfSolvers(issuer()), [])
})
