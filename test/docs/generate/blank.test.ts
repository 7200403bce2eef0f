import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blank } from '#docs/generate/blank.ts'

type Anything = { a: Anything; (): Anything }

test('blank() reads as its name, however deep and by whatever call one gets there', () => {
  const value = blank('id') as Anything
  assert.equal(`${value} ${value.a.a()} ${value().a}`, 'id id id')
})
