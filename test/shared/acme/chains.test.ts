import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { identifierOf, isIssuedUnder, tidyChain } from '#shared/acme/chains.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { authority, server } from '#test/support/certificates.ts'

let root: Issued
let leaf: Issued
before(async () => {
  root = await authority('Root X')
  leaf = await server(root)
})

const pem = (...issued: Issued[]) => issued.map((each) => certificatePem(each.certificate)).join('')

test('isIssuedUnder() knows issuers by their whole common name', () => {
  assert.equal(isIssuedUnder(pem(leaf), 'Root X'), true)
  assert.equal(isIssuedUnder(pem(leaf), 'Root'), false)
})

test('tidyChain() keeps the leaf and what is between, not the root, and nothing but certificates', () => {
  assert.equal(tidyChain(`hello\n${pem(leaf)}\n\n${pem(root)}`), pem(leaf))
  assert.equal(tidyChain(pem(root)), pem(root))
  assert.throws(() => tidyChain('<html>'), { code: 'CertificateUnreadable' })
})

test('identifierOf() tells addresses from names', () => {
  assert.deepEqual(
    ['10.0.0.1', '2001:db8::1', '*.a.test'].map((name) => identifierOf(name).type),
    ['ip', 'ip', 'dns'],
  )
})
