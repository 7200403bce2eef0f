import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import { issuerTrouble, unusable } from '#operator/strongrooms/orders/issuer-trouble.ts'
import { issuer, strongroom } from '#test/support/resources.ts'

function troubleOf(resource: StrongroomIssuer | undefined) {
  const asked: unknown[] = []
  const get = ((_: unknown, ref: unknown) => {
    asked.push(ref)
    return resource
  }) as Parameters<typeof issuerTrouble>[0]['get']
  const trouble = issuerTrouble({ get }, strongroom(), 'le')
  assert.deepEqual(asked, [{ name: 'le', namespace: 'shop' }])
  return trouble
}

test('issuerTrouble() knows an issuer that is gone, and one that says that it is not ready', () => {
  const condition = (status: 'True' | 'False' | 'Unknown') => ({
    ...{ type: 'Ready', status, reason: 'KeyMissing', message: 'the key is gone' },
    lastTransitionTime: '',
  })
  const being = (status: 'True' | 'False' | 'Unknown') =>
    issuer({ status: { conditions: [condition(status)] } })
  assert.deepEqual(
    troubleOf(undefined),
    unusable('IssuerNotFound', 'There is no StrongroomIssuer "le" in this namespace'),
  )
  assert.deepEqual(
    troubleOf(being('False')),
    unusable('IssuerNotReady', 'StrongroomIssuer "le": the key is gone'),
  )
  for (const fine of [issuer(), being('True'), being('Unknown')])
    assert.equal(troubleOf(fine), undefined)
})
