import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderedNames } from '#shared/acme/ordered-names.ts'

test('OrderedNames gives all names to one owner, or says who is in the way', () => {
  const names = new OrderedNames()
  assert.equal(names.claim('n/a', ['a.test', 'b.test']), undefined)
  assert.equal(names.claim('n/a', ['a.test', 'b.test']), undefined)
  assert.equal(names.claim('n/b', ['c.test', 'b.test']), 'n/a')
  assert.equal(names.claim('n/c', ['c.test']), undefined, 'a refused claim keeps nothing')
})

test('OrderedNames takes one name for one, however it is written', () => {
  const names = new OrderedNames()
  names.claim('n/a', ['A.test.', '2001:DB8:0::1'])
  assert.equal(names.claim('n/b', ['a.test']), 'n/a')
  assert.equal(names.claim('n/b', ['2001:db8::1']), 'n/a')
})

test('OrderedNames frees what an owner does not want any more', () => {
  const names = new OrderedNames()
  names.claim('n/a', ['a.test', 'b.test'])
  names.claim('n/a', ['a.test'])
  assert.equal(names.claim('n/b', ['b.test']), undefined)
  names.release('n/a')
  assert.equal(names.claim('n/b', ['a.test']), undefined)
})
