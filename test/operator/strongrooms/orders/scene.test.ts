import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sceneOf, settledPass } from '#operator/strongrooms/orders/scene.ts'
import { declared, host, orderWorld } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

test('sceneOf() is about clusters alone that name an issuer of ours', () => {
  const nowMs = 0
  assert.equal(sceneOf({ cluster: strongroom(), secret: undefined, nowMs }), undefined)
  const issuerRef = { group: 'cert-manager.io', name: 'le' } as const
  const theirs = strongroom({ spec: { tls: { server: { issuerRef } } } })
  assert.equal(sceneOf({ cluster: theirs, secret: undefined, nowMs }), undefined)
  const ours = sceneOf({ cluster: strongroom({ spec: declared }), secret: undefined, nowMs })
  assert.deepEqual(
    [ours?.reason, ours?.names, ours?.issuer],
    ['Missing', [host], 'StrongroomIssuer le'],
  )
  if (ours !== undefined) assert.throws(() => settledPass(ours), TypeError)
})

test('sceneOf() shows a certificate as issued only where the declared issuer gave it', async () => {
  const it = await orderWorld()
  await it.settle()
  const seen = { cluster: await it.cluster(), secret: await it.served(), nowMs: it.clock.nowMs }
  assert.equal(sceneOf(seen)?.certificate?.revision, 1)
  const spec = { ...declared, tls: { server: { issuerRef: { name: 'other' } } } }
  const moved = sceneOf({ ...seen, cluster: strongroom({ spec }) })
  assert.deepEqual([moved?.certificate, moved?.reason], [undefined, 'IncorrectIssuer'])
})
