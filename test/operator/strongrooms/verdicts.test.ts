import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Verdicts } from '#operator/strongrooms/verdicts.ts'
import { secret } from '#test/support/resources.ts'

test('Verdicts holds of the very Secret, by the very authority and names, and of no other', () => {
  const verdicts = new Verdicts()
  const [leaf, authority] = [secret('a', {}), secret('b', {})]
  const standard = { authority, names: ['x', 'y'] }
  assert.equal(verdicts.leaf(leaf, standard), undefined)
  verdicts.noteLeaf(leaf, { ...standard, renewAtMs: 7 })
  assert.equal(verdicts.leaf(leaf, { authority, names: ['x', 'y'] }), 7)
  assert.equal(verdicts.leaf(undefined, standard), undefined)
  assert.equal(verdicts.leaf({ ...leaf }, standard), undefined, 'another version')
  assert.equal(verdicts.leaf(leaf, { ...standard, authority: { ...authority } }), undefined)
  assert.equal(verdicts.leaf(leaf, { ...standard, names: ['x'] }), undefined)
})

test('Verdicts keeps what an authority shows of itself', () => {
  const verdicts = new Verdicts()
  const authority = secret('a', {})
  assert.deepEqual(
    [verdicts.authority(authority), verdicts.authority(undefined)],
    [undefined, undefined],
  )
  verdicts.noteAuthority(authority, 'PEM')
  assert.deepEqual(
    [verdicts.authority(authority), verdicts.authority({ ...authority })],
    ['PEM', undefined],
  )
})
