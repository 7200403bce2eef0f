import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import { openOrder } from '#test/support/order-world.ts'
import { strongroom } from '#test/support/resources.ts'

const at = (resourceVersion: string, name = 'vault') =>
  strongroom({ metadata: { name, resourceVersion } })

test('OwnWrites knows the version that was written last, of each resource', () => {
  const writes = new OwnWrites()
  assert.equal(writes.isLatest(at('7')), false)
  writes.note(at('7'))
  writes.note(at('8', 'other'))
  assert.equal(writes.isLatest(at('7')), true)
  assert.equal(writes.isLatest(at('8')), false, 'somebody else wrote it since')
  assert.equal(writes.isLatest(at('8', 'other')), true)
  writes.note(at('9'))
  assert.equal(writes.isLatest(at('7')), false, 'what is seen is older')
  writes.forget('shop/vault')
  assert.equal(writes.isLatest(at('9')), false)
})

test('OwnWrites takes nothing without a version for the latest', () => {
  const writes = new OwnWrites()
  const metadata = { name: 'vault', namespace: 'shop' }
  writes.note({ metadata })
  assert.equal(writes.isLatest({ metadata }), false)
})

test('OwnWrites knows how far an order is since, until anybody writes the resource or its order', () => {
  const writes = new OwnWrites()
  const written = openOrder('dns-01', 't')
  const order = { ...written, finalized: true }
  const metadata = { resourceVersion: '7' }
  const cluster = strongroom({ metadata, status: { order: written } })
  assert.equal(writes.orderOf(cluster), written)
  writes.note(cluster)
  writes.goAhead(cluster, { written: structuredClone(written), order })
  assert.equal(writes.orderOf(cluster), order)
  const others = strongroom({ metadata: { resourceVersion: '8' }, status: { order: written } })
  assert.equal(writes.orderOf(others), written)
  const later = { ...written, retries: 1 }
  assert.equal(writes.orderOf(strongroom({ metadata, status: { order: later } })), later)
  assert.equal(writes.orderOf(strongroom({ metadata })), undefined)
  for (const over of [() => writes.end(cluster), () => writes.forget('shop/vault')]) {
    writes.note(cluster)
    writes.goAhead(cluster, { written, order })
    assert.equal(writes.orderOf(cluster), order)
    over()
    writes.note(cluster)
    assert.equal(writes.orderOf(cluster), written)
  }
})
