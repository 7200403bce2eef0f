import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { awsProblem, hostedZones, replacement, txtRecordSet } from '#shared/acme/dns/route53-xml.ts'

test('hostedZones() reads id, name and whether it is private', () => {
  const xml =
    '<L xmlns="x"><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>a.test.</Name><Config><PrivateZone>true</PrivateZone>' +
    '</Config></HostedZone><HostedZone><Id>Z2</Id><Name>b.test.</Name></HostedZone></HostedZones></L>'
  assert.deepEqual(hostedZones(xml), [
    { id: 'Z1', name: 'a.test', isPrivate: true },
    { id: 'Z2', name: 'b.test', isPrivate: false },
  ])
})

test('txtRecordSet() takes the plain set of this very name', () => {
  const set = (name: string, type: string, more = '') =>
    `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type>${more}<TTL>5</TTL><ResourceRecords><ResourceRecord><Value>` +
    '&quot;v&#39;&amp;lt;&quot;</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>'
  const found = { name: 'a.test', ttlSeconds: 5, values: ['"v\'&lt;"'] }
  assert.deepEqual(txtRecordSet(set('a.test.', 'TXT'), 'a.test'), found)
  assert.equal(txtRecordSet(set('b.test.', 'TXT'), 'a.test'), undefined)
  assert.equal(txtRecordSet(set('a.test.', 'A'), 'a.test'), undefined)
  const weighted = set('a.test.', 'TXT', '<SetIdentifier>one</SetIdentifier>')
  assert.equal(txtRecordSet(weighted, 'a.test'), undefined)
})

test('txtRecordSet() reads back every value that replacement() writes', () => {
  const text = fc.string({ maxLength: 60 })
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (values) => {
      const set = { name: 'a.test', ttlSeconds: 60, values }
      assert.deepEqual(txtRecordSet(replacement(undefined, set), 'a.test'), set)
      const both = replacement(set, set)
      assert.ok(both.indexOf('DELETE') < both.indexOf('CREATE'))
    }),
  )
})

test('awsProblem() reads both forms of errors, and none', () => {
  assert.deepEqual(
    awsProblem('<E><Error><Code>AccessDenied</Code><Message>no</Message></Error></E>'),
    {
      code: 'AccessDenied',
      message: 'no',
    },
  )
  assert.deepEqual(
    awsProblem(
      '<InvalidChangeBatch xmlns="x"><Messages><Message>a</Message><Message>b</Message></Messages></InvalidChangeBatch>',
    ),
    { code: 'InvalidChangeBatch', message: 'a; b' },
  )
  assert.deepEqual(awsProblem('<html>'), { code: '', message: '' })
})
