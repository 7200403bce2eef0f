import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { childName, internalNames, memberName } from '#operator/api/names.ts'

test('childName() leaves short names readable', () => {
  assert.equal(childName('vault', ''), 'vault')
  assert.equal(childName('vault', 'server-tls'), 'vault-server-tls')
})

test('childName() is never longer than 52 characters, and different owners never meet', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,80}[a-z0-9]$/)
  fc.assert(
    fc.property(
      name,
      name,
      fc.constantFrom('', 'members', 'server-tls', 'client-ca'),
      (a, b, suffix) => {
        assert.ok(childName(a, suffix).length <= 52)
        if (a !== b) assert.notEqual(childName(a, suffix), childName(b, suffix))
      },
    ),
  )
})

test('internalNames() cover the name under which a member is verified', () => {
  const names = internalNames('vault', 'shop')
  const member = memberName('vault-0', 'vault', 'shop')
  const wildcard = member.replace(/^[^.]+/, '*')
  assert.ok(names.includes(wildcard), `${wildcard} is missing`)
  assert.ok(names.includes('vault.shop.svc'))
  assert.equal(new Set(names).size, names.length)
})
