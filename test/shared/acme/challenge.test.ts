import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeOf } from '#shared/acme/challenge.ts'
import type { AuthorizationState } from '#shared/acme/order-state.ts'

const challenge = {
  ...{ type: 'dns-01' as const, url: 'https://ca.test/c', token: 't', thumbprint: 'k' },
  ...{ presented: true, visible: false, answered: false, cleanUps: 0 },
}
const authorization: AuthorizationState = { url: 'a', status: 'pending', challenge }

test('challengeOf() speaks for the account key with which the challenge was begun', () => {
  const found = challengeOf({ ...authorization, name: 'shop.example' })
  assert.deepEqual(found, {
    ...{ type: 'dns-01', name: 'shop.example', token: 't', keyAuthorization: 't.k' },
  })
})

test('challengeOf() names what is to be proven, and a wildcard by the name below it', () => {
  assert.equal(challengeOf({ ...authorization, name: '*.shop.example' })?.name, 'shop.example')
  assert.equal(challengeOf(authorization)?.name, '')
})

test('challengeOf() is nothing where none was chosen', () => {
  assert.equal(challengeOf({ url: 'a', status: 'valid', name: 'shop.example' }), undefined)
})
