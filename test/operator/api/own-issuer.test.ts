import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownIssuer } from '#operator/api/own-issuer.ts'
import { strongroom } from '#test/support/resources.ts'

test('ownIssuer() names an issuer of ours, and none of others', () => {
  const of = (issuerRef: { name: string; group?: 'cert-manager.io' | 'strongroom.dev' }) =>
    ownIssuer(strongroom({ spec: { tls: { server: { issuerRef } } } }))
  assert.deepEqual(of({ name: 'le' }), { name: 'le', title: 'StrongroomIssuer le' })
  assert.equal(of({ name: 'le', group: 'strongroom.dev' })?.name, 'le')
  assert.equal(of({ name: 'le', group: 'cert-manager.io' }), undefined)
  assert.equal(ownIssuer(strongroom()), undefined)
})
