import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { describe, test } from 'node:test'
import { deniedAlways, egressBy, networks } from '#shared/egress.ts'

const none = { denied: [], allowed: [] }

describe('egressBy() lets nobody reach', () => {
  const denied = [
    ...[
      '127.0.0.1',
      '127.255.255.254',
      '0.0.0.0',
      '0.1.2.3',
      '169.254.169.254',
      '169.254.20.10',
      '224.0.0.1',
      '255.255.255.255',
    ],
    ...['100.100.100.200', '168.63.129.16', '192.0.0.192'],
    ...['::', '::1', 'fe80::1', 'febf::1', 'ff02::1', 'fd00:ec2::254'],
    // IPv4 in IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP.
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
      '::ffff:0:169.254.169.254',
      '64:ff9b::169.254.169.254',
    ],
    ...[
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::7f00:1',
      '2002:7f00:1::',
      '2002:a9fe:a9fe::1',
      '2001::5601:5601',
      '2001:db8::5efe:7f00:1',
    ],
    ...['[::1]', 'fe80::1%eth0', '0:0:0:0:0:0:0:1', '::FFFF:127.0.0.1'],
  ]
  for (const address of denied)
    test(address, () => assert.equal(egressBy(none).allows(address), false))
})

test('egressBy() lets through names, public addresses and those of the cluster', () => {
  const egress = egressBy(none)
  for (const host of [
    'ca.example',
    'localhost',
    '192.0.2.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '2001:db8::1',
    '64:ff9b::8.8.8.8',
    'fd12::1',
  ])
    assert.ok(egress.allows(host), host)
})

test('egressBy() refuses more, and allows what it is told to, whatever form it comes in', () => {
  const egress = egressBy({ denied: ['10.0.0.0/8'], allowed: ['127.0.0.0/8', '::1/128'] })
  assert.ok(!egress.allows('10.1.2.3') && !egress.allows('::ffff:10.1.2.3'))
  assert.ok(egress.allows('127.0.0.1') && egress.allows('::1'))
  assert.ok(!egress.allows('169.254.169.254'))
})

test('networks() says which text is none', () => {
  for (const text of ['10.0.0.0', '10.0.0.0/33', 'x/8', '::/129', '', '10.0.0.0/8 '])
    assert.throws(() => networks([text]), /is no network/, text)
  assert.ok(networks(deniedAlways).check('127.0.0.1'))
})

const resolved = (egress: ReturnType<typeof egressBy>, all: boolean) =>
  new Promise((resolve) => {
    egress.lookup('rebound.example', { all }, (error, found, family) =>
      resolve(error === null ? (all ? found : [found, family]) : error.message),
    )
  })

test('egressBy() looks at what a name leads to at that moment, and drops what is refused', async () => {
  const answers: LookupAddress[] = []
  const look = ((_: string, __: object, callback: (error: null, found: LookupAddress[]) => void) =>
    callback(null, answers)) as unknown as typeof import('node:dns').lookup
  const egress = egressBy(none, look)
  const [open, closed] = [
    { address: '192.0.2.1', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]
  answers.push(open, closed)
  assert.deepEqual(await resolved(egress, true), [open])
  assert.deepEqual(await resolved(egress, false), ['192.0.2.1', 4])
  answers.splice(0, 2, closed, { address: '::ffff:7f00:1', family: 6 })
  assert.equal(await resolved(egress, true), 'no address that may be connected to')
})
