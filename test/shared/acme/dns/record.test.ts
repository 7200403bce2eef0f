import assert from 'node:assert/strict'
import { test } from 'node:test'
import { txtRecord } from '#shared/acme/dns/record.ts'

const challenge = { type: 'dns-01', name: 'db.example.com', token: 'evaGxf' } as const

test('txtRecord() hashes the key authorization (echo -n … | openssl dgst -sha256)', () => {
  const keyAuthorization = 'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.thumb'
  assert.deepEqual(txtRecord({ ...challenge, keyAuthorization }), {
    name: '_acme-challenge.db.example.com',
    value: 'C4PQosoVQWW-AbdVFmwbU8B33Z62w2vU3bIO36pceJc',
  })
})

test('txtRecord() puts a wildcard and its apex at one name, with a value each', () => {
  const apex = txtRecord({ ...challenge, keyAuthorization: 'a.b' })
  const wildcard = txtRecord({ ...challenge, name: '*.DB.example.com.', keyAuthorization: 'c.b' })
  assert.equal(apex.name, wildcard.name)
  assert.notEqual(apex.value, wildcard.value)
})
