import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSolver, type Selectable } from '#shared/acme/choose-solver.ts'

const all = ['http-01', 'dns-01', 'tls-alpn-01']

interface Named extends Selectable {
  readonly id: string
}

const chosen = (solvers: readonly Named[], name: string, offered = all): string | undefined =>
  chooseSolver(solvers, name, offered)?.id

test('chooseSolver() goes by names however they are written, and proves no address by DNS', () => {
  const solvers: readonly Named[] = [
    { id: 'exact', type: 'dns-01', dnsNames: ['B\u00fccher.example.'] },
    { id: 'zone', type: 'dns-01', dnsZones: ['Example.com.'] },
  ]
  assert.equal(chosen(solvers, 'xn--bcher-kva.example'), 'exact')
  assert.equal(chosen(solvers, 'DB.example.com'), 'zone')
  assert.equal(chosen([{ id: 'any', type: 'dns-01' }], '2001:DB8::1'), undefined)
})

test('chooseSolver() takes an exact name before a zone, a longer zone before a shorter one, and any before none', () => {
  const solvers: readonly Named[] = [
    { id: 'rest', type: 'http-01' },
    { id: 'zone', type: 'http-01', dnsZones: ['example.com'] },
    { id: 'longer', type: 'http-01', dnsZones: ['org', 'b.example.com'] },
    { id: 'exact', type: 'http-01', dnsNames: ['a.b.example.com'] },
  ]
  const cases = [
    ['a.b.example.com', 'exact'],
    ['c.b.example.com', 'longer'],
    ['b.example.com', 'longer'],
    ['example.com', 'zone'],
    ['x.example.com', 'zone'],
    ['notexample.com', 'rest'],
    ['example.net', 'rest'],
  ] as const
  for (const order of [solvers, solvers.toReversed()])
    for (const [name, expected] of cases) assert.equal(chosen(order, name), expected, name)
})

test('chooseSolver() takes the first among equals', () => {
  const solvers: readonly Named[] = [
    { id: '1', type: 'http-01' },
    { id: '2', type: 'tls-alpn-01' },
  ]
  assert.equal(chosen(solvers, 'a.example'), '1')
  assert.equal(chosen(solvers.toReversed(), 'a.example'), '2')
})

test('chooseSolver() passes over what the CA does not offer', () => {
  const solvers: readonly Named[] = [
    { id: 'exact', type: 'tls-alpn-01', dnsNames: ['a.example'] },
    { id: 'rest', type: 'http-01' },
  ]
  assert.equal(chosen(solvers, 'a.example', ['http-01', 'dns-01']), 'rest')
  assert.equal(chosen(solvers, 'a.example', ['dns-01', 'dns-account-01']), undefined)
})

test('chooseSolver() proves a wildcard by DNS alone, by its own name or that of its zone', () => {
  const http: Named = { id: 'http', type: 'http-01', dnsNames: ['*.a.example'] }
  const rest: Named = { id: 'dns', type: 'dns-01' }
  assert.equal(chosen([http, rest], '*.a.example'), 'dns')
  assert.equal(chosen([http], '*.a.example'), undefined)
  for (const dnsNames of [['*.a.example'], ['a.example']]) {
    const named: Named = { id: 'named', type: 'dns-01', dnsNames }
    assert.equal(chosen([rest, named], '*.a.example'), 'named')
  }
  const star: Named = { id: 'star', type: 'dns-01', dnsNames: ['*.a.example'] }
  assert.equal(chosen([rest, star], 'b.a.example'), 'dns', 'a wildcard is no zone')
})

test('chooseSolver() never proves an address by DNS', () => {
  const solvers: readonly Named[] = [
    { id: 'dns', type: 'dns-01' },
    { id: 'alpn', type: 'tls-alpn-01' },
  ]
  assert.equal(chosen(solvers, '192.0.2.1'), 'alpn')
  assert.equal(chosen(solvers, '2001:db8::1'), 'alpn')
  assert.equal(chosen(solvers.slice(0, 1), '192.0.2.1'), undefined)
})

test('chooseSolver() finds nothing for a name that no selector has', () => {
  assert.equal(
    chosen([{ id: 'a', type: 'http-01', dnsNames: ['a.example'] }], 'b.example'),
    undefined,
  )
  assert.equal(chosen([], 'b.example'), undefined)
})
