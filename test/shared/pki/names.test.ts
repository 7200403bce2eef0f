import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import fc from 'fast-check'
import {
  canonicalName,
  covers,
  isAddress,
  isDnsName,
  type NamedCertificate,
  namesCover,
} from '#shared/pki/names.ts'

const long = 'a'.repeat(63)

test('canonicalName() writes each name in one way', () => {
  const names: readonly [string, string][] = [
    ['Db.Example.COM', 'db.example.com'],
    ['db.example.com.', 'db.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['*.Bücher.example', '*.xn--bcher-kva.example'],
    ['192.0.2.1', '192.0.2.1'],
    ['[2001:DB8::1]', '2001:db8::1'],
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::FFFF:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['', ''],
  ]
  for (const [name, expected] of names) assert.equal(canonicalName(name), expected, name)
})

test('canonicalName() of what it wrote is the same', () => {
  const any = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6(), fc.string())
  fc.assert(
    fc.property(any, (name) =>
      assert.equal(canonicalName(canonicalName(name)), canonicalName(name)),
    ),
  )
})

test('isDnsName() takes labels of 63 characters and no longer ones', () => {
  for (const name of [
    'localhost',
    '*.example.com',
    `${long}.example`,
    'xn--bcher-kva.example',
    '1.2a',
  ])
    assert.ok(isDnsName(name), name)
  const none = [
    '',
    '.',
    'a.',
    'a..b',
    '-a',
    'a-',
    'a b',
    '*',
    'x.*.y',
    `${long}a.b`,
    'a_b',
    '1.2',
    'a.0x1',
    'ä',
    'A',
  ]
  for (const name of [...none, `${`${long}.`.repeat(4)}a`])
    assert.equal(isDnsName(name), false, name)
})

test('isAddress() takes no zone, which a certificate cannot hold', () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:1.2.3.4']) assert.ok(isAddress(address))
  for (const none of ['fe80::1%eth0', '127.1', '[::1]', 'localhost', '1.2.3.4.5', ''])
    assert.equal(isAddress(none), false, none)
})

const certificate: NamedCertificate = {
  dnsNames: [
    'Db.Example.com',
    '*.apps.example.com',
    '*.com',
    'f*.example.com',
    'dot.example.',
    '192.0.2.9',
  ],
  ipAddresses: ['192.0.2.1', '2001:db8::1'],
}

test('covers() goes by case-blind names, whole labels, and addresses by their bytes', () => {
  const covered = ['db.example.com', 'DB.EXAMPLE.COM.', 'x.apps.example.com', 'X.Apps.example.com.']
  const addresses = ['192.0.2.1', '2001:DB8:0::1', '[2001:db8::1]']
  for (const host of [...covered, ...addresses, 'dot.example', 'xn--a.apps.example.com'])
    assert.ok(covers(certificate, host), host)
  const others = ['example.com', 'apps.example.com', 'x.y.apps.example.com', '.apps.example.com']
  const never = [
    'any.com',
    'foo.example.com',
    '192.0.2.9',
    '192.0.2.2',
    '::1',
    '',
    'db.example.com..',
  ]
  for (const host of [...others, ...never]) assert.equal(covers(certificate, host), false, host)
})

test('covers() never goes by a common name', () => {
  const bare = { dnsNames: [], ipAddresses: [], commonName: 'db.example.com' }
  assert.equal(covers(bare, 'db.example.com'), false)
})

test('namesCover() covers a wildcard by itself only', () => {
  assert.ok(namesCover(['*.example.com'], '*.example.com'))
  assert.equal(namesCover(['db.example.com'], '*.example.com'), false)
  assert.equal(namesCover(['*.x.example.com'], '*.example.com'), false)
})

/** Few labels, so that names meet. `*` inside a label is left out: Node honours it, RFC 9525 and browsers do not. */
const label = fc.constantFrom('a', 'B', 'b', 'xn--a', 'com', '1')
const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
const pattern = fc
  .tuple(fc.constantFrom('', '', '*.', '*.'), host, fc.constantFrom('', '', '.'))
  .map((parts) => parts.join(''))
const address = fc.constantFrom('1.2.3.4', '::1', '2001:db8::1', '::ffff:1.2.3.4')
const asked = fc.oneof(
  fc.tuple(host, fc.constantFrom('', '.')).map((parts) => parts.join('')),
  address,
  fc.constantFrom('0:0:0:0:0:0:0:1', '2001:DB8::1', '::ffff:102:304'),
)

test('covers() is the answer of Node’s own client', () => {
  const named = fc.record({
    dnsNames: fc.array(pattern, { minLength: 1, maxLength: 3 }),
    ipAddresses: fc.array(address, { maxLength: 2 }),
  })
  fc.assert(
    fc.property(named, asked, (names, name) => {
      const written = [
        ...names.dnsNames.map((each) => `DNS:${each}`),
        ...names.ipAddresses.map((each) => `IP Address:${each}`),
      ]
      const peer = { subjectaltname: written.join(', '), subject: {} } as unknown as PeerCertificate
      assert.equal(
        covers(names, name),
        checkServerIdentity(name, peer) === undefined,
        written.join(),
      )
    }),
    { numRuns: 3000 },
  )
})
