import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Ordered, refusedFor } from '#shared/acme/accept.ts'
import {
  type Issued,
  issueClientCertificate,
  issueServerCertificate,
  type KeyPair,
  makeAuthority,
  makeKeyPair,
} from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { handmade, impossibleTimes } from '#test/support/handmade-certificates.ts'

const names = ['shop.example', '*.shop.example', '2001:db8::1']
let keys: KeyPair
let ca: Issued
let leaf: Issued
before(async () => {
  keys = await makeKeyPair('p-256')
  ca = await authority()
  leaf = await issued(names)
})

function issued(wanted: readonly string[], more: { notBefore?: number; notAfter?: number } = {}) {
  return issueServerCertificate(ca, {
    commonName: 'shop',
    dnsNames: wanted.filter((name) => !name.includes(':')),
    ipAddresses: wanted.filter((name) => name.includes(':')),
    validity: { ...days(90), ...more },
    keys,
  })
}

const pem = (...chain: Issued[]) => chain.map((each) => certificatePem(each.certificate)).join('')
const ordered = (changes: Partial<Ordered> = {}): Ordered => ({
  names,
  keyPin: leaf.certificate.pin,
  nowMs: year2026,
  ...changes,
})

test('refusedFor() takes exactly what was ordered, with its chain or without', () => {
  assert.equal(refusedFor(pem(leaf), ordered()), undefined)
  assert.equal(refusedFor(pem(leaf, ca), ordered()), undefined)
})

test('refusedFor() does not mind how a name is written', () => {
  const other = ['SHOP.example', '*.shop.example', '2001:0db8:0:0::1']
  assert.equal(refusedFor(pem(leaf), ordered({ names: other })), undefined)
})

test('refusedFor() says what is wrong with any other', async () => {
  const stranger = await authority('Stranger')
  const oldCa = await makeAuthority({
    commonName: 'Test CA',
    validity: { notBefore: 0, notAfter: year2026 - 1 },
    keys: { publicKey: ca.certificate.publicKey, privateKey: ca.privateKey },
  })
  const forClients = await issueClientCertificate(ca, {
    commonName: 'shop',
    validity: days(90),
    keys,
  })
  const minute = 60_000
  const cases: readonly [chain: string, RegExp, Partial<Ordered>?][] = [
    ['<html>', /no certificate|not understood|Unable to load/],
    [pem(leaf), /another key/, { keyPin: (await client(ca)).certificate.pin }],
    [pem(leaf), /does not cover more\.example/, { names: [...names, 'more.example'] }],
    [pem(leaf), /also covers \*\.shop\.example, 2001:db8::1/, { names: ['shop.example'] }],
    [pem(forClients), /not for servers/, { names: [] }],
    [pem(ca), /may sign/, { names: [], keyPin: ca.certificate.pin }],
    [pem(leaf), /it ended at 2026/, { nowMs: leaf.certificate.notAfter }],
    [pem(leaf), /it begins at 2025/, { nowMs: leaf.certificate.notBefore - 2 * minute }],
    [pem(leaf, oldCa), /"CN=Test CA" in its chain: it ended/],
    [pem(leaf, stranger), /"CN=shop" is not signed by/],
    [pem(leaf, leaf), /is not signed by/],
  ]
  for (const [chain, words, changes] of cases)
    assert.match(refusedFor(chain, ordered(changes)) ?? 'accepted', words)
})

test('refusedFor() refuses a date that does not exist, in the leaf and above it', () => {
  for (const notAfter of Object.values(impossibleTimes)) {
    const odd = certificatePem({ der: handmade(keys, { notAfter }) })
    for (const chain of [odd, pem(leaf) + odd])
      assert.match(refusedFor(chain, ordered()) ?? '', /is no time/)
  }
})

test('refusedFor() forgives a CA whose clock is a little ahead', async () => {
  const fresh = await issued(names, { notBefore: year2026 + 30_000 })
  assert.equal(refusedFor(pem(fresh), ordered()), undefined)
})
