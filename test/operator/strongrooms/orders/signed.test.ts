import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secretText } from '#operator/kube/secret.ts'
import { sceneOf } from '#operator/strongrooms/orders/scene.ts'
import { signed } from '#operator/strongrooms/orders/signed.ts'
import { signingIssuer } from '#operator/strongrooms/orders/signing-issuer.ts'
import { authority } from '#test/support/certificates.ts'
import { orderWorld } from '#test/support/order-world.ts'

async function ownCa(now: () => number) {
  const { certificate, privateKey: key } = await authority('own')
  const usable = { kind: 'usable', certificate, chain: [], key } as const
  return signingIssuer(usable, { now })
}

test('signed() signs at once, keeps what verifies it, and signs again for another CA', async () => {
  const it = await orderWorld()
  const issuer = await ownCa(() => it.clock.nowMs)
  const scene = async () => {
    const seen = { cluster: await it.cluster(), secret: await it.served(), nowMs: it.clock.nowMs }
    const found = sceneOf(seen)
    if (found === undefined) throw new Error('an issuer is declared')
    return found
  }
  const first = await signed(await scene(), issuer, it.means)
  assert.equal(first.finding.reason, 'Issued')
  assert.match(secretText(await it.served(), 'ca.crt'), /BEGIN CERTIFICATE/)
  const again = await signed(await scene(), issuer, it.means)
  assert.equal(again.certificate?.sha256, first.certificate?.sha256)
  const other = await signed(await scene(), await ownCa(() => it.clock.nowMs), it.means)
  assert.equal(other.certificate?.revision, 2)
  assert.deepEqual(it.ca.calls, [])
})
