import assert from 'node:assert/strict'
import { test } from 'node:test'
import { strongrooms } from '#operator/api/strongroom.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { annotation } from '#operator/kube/labels.ts'
import { secretText } from '#operator/kube/secret.ts'
import { heldCertificate } from '#operator/strongrooms/orders/held.ts'
import { OwnWrites } from '#operator/strongrooms/own-writes.ts'
import { host, type OrderWorld, orderWorld } from '#test/support/order-world.ts'
import { secret, strongroom } from '#test/support/resources.ts'

const vault = { name: 'vault', namespace: 'shop' }

test('orderPass() orders, keeps key and chain in one Secret, and lets the waiting key go', async () => {
  const it = await orderWorld()
  const passed = await it.settle()
  assert.deepEqual(
    [passed?.finding.status, passed?.finding.reason, passed?.order],
    ['True', 'Issued', undefined],
  )
  const secret = await it.served()
  const held = heldCertificate(secret, 'vault')
  assert.deepEqual(held?.certificate.dnsNames, [host])
  assert.deepEqual([held?.issuer, held?.revision], ['StrongroomIssuer le', 1])
  assert.equal(secretText(secret, 'ca.crt'), '')
  assert.equal(secret?.metadata.ownerReferences, undefined)
  assert.equal(passed?.certificate?.sha256, held?.certificate.sha256)
  assert.equal(await it.waiting(), undefined)
  assert.equal(it.ca.count('new-order'), 1)
  assert.equal(it.solver.standing.size, 0)
  assert.deepEqual(it.reported, ['CertificateIssued'])
  assert.deepEqual(it.ended, ['issued'])
})

test('orderPass() goes on with the same order and key wherever it was killed', async () => {
  // Killed before the very first writing down only the CA knows the order: it gives out another one.
  for (let at = 2; ; at += 1) {
    const it = await orderWorld()
    let writes = 0
    const passed = await it.settle((write) => {
      writes = write
      return write === at
    })
    if (writes < at) {
      assert.ok(at > 5, `only ${at} were tried`)
      break
    }
    assert.equal(passed?.finding.reason, 'Issued', `killed at ${at}`)
    assert.equal(it.ca.count('new-order'), 1, `killed at ${at}`)
    assert.equal(await it.waiting(), undefined, `killed at ${at}`)
    assert.equal((await it.cluster()).status?.order, undefined)
  }
})

/** The CA of a process that dies before or after its exchange of that number. */
function deadly(it: OrderWorld, at: number, when: 'before' | 'after') {
  const asked: string[] = []
  const api = new Proxy(it.issuer.api, {
    get: (target, property) => {
      const exchange = Reflect.get(target, property)
      if (typeof exchange !== 'function') return exchange
      return async (...given: unknown[]) => {
        asked.push(String(property))
        const dies = asked.length === at
        if (dies && when === 'before') throw new Error('killed')
        const answer = await Reflect.apply(exchange, target, given)
        if (dies) throw new Error('killed')
        return answer
      }
    },
  })
  Object.assign(it.issuer, { api })
  return asked
}

test('orderPass() goes on with the same order and key, killed before or after any exchange with the CA', async () => {
  for (const when of ['before', 'after'] as const)
    for (let at = 1; ; at += 1) {
      const it = await orderWorld()
      const asked = deadly(it, at, when)
      const passed = await it.settle()
      if (asked.length < at) {
        assert.ok(at > 8, `only ${asked}`)
        break
      }
      const where = `killed ${when} ${asked[at - 1]}, exchange ${at}`
      assert.equal(passed?.finding.reason, 'Issued', where)
      assert.equal(it.ca.count('new-order'), at === 1 && when === 'after' ? 2 : 1, where)
      assert.equal(await it.waiting(), undefined, where)
      assert.equal(it.solver.standing.size, 0, where)
    }
})

test('orderPass() reads the resource again unless it is as this process wrote it last', async () => {
  const it = await orderWorld()
  const reads = async () => {
    const from = it.kube.reads.length
    const passed = await it.pass()
    it.clock.nowMs = Math.max(it.clock.nowMs, passed?.againAtMs ?? 0)
    return it.kube.reads.slice(from).filter((each) => each === 'Strongroom vault').length
  }
  // One is the look of the world itself.
  assert.deepEqual([await reads(), await reads()], [2, 1])
  await it.kube.patch(strongrooms, vault, { metadata: { annotations: { mine: 'x' } } })
  assert.equal(await reads(), 2)
})

test('orderPass() keeps in mind for a moment what the CA works on, and asks again where that was forgotten', async () => {
  for (const [forgets, calls] of [
    [false, ['new-order', 'finalize', 'order', 'certificate']],
    [true, ['new-order', 'finalize', 'finalize', 'order', 'certificate']],
  ] as const) {
    const it = await orderWorld()
    it.ca.isAuthorized = true
    const passed = await it.pass()
    const { order } = (await it.cluster()).status ?? {}
    assert.deepEqual([order?.status, order?.finalized], ['ready', false], 'it is not written down')
    assert.deepEqual([passed?.finding.reason, passed?.order], ['Ordering', order])
    assert.ok((passed?.againAtMs ?? 0) > it.clock.nowMs)
    if (forgets) Object.assign(it.means, { ownWrites: new OwnWrites() })
    it.clock.nowMs = passed?.againAtMs ?? 0
    assert.equal((await it.settle())?.finding.reason, 'Issued')
    assert.deepEqual(it.ca.calls, calls)
  }
})

test('orderPass() writes down what the CA works on where that is more than a moment, or something is wrong', async () => {
  for (const [fault, wait] of [
    [{ status: 503 }, 2_000],
    [{ status: 503, retryAfterMs: 60_000 }, 60_000],
  ] as const) {
    const it = await orderWorld()
    it.ca.isAuthorized = true
    const first = await it.pass()
    it.clock.nowMs = first?.againAtMs ?? 0
    it.ca.faults.push(fault)
    const passed = await it.pass()
    const { order } = (await it.cluster()).status ?? {}
    assert.equal(order?.finalized, true)
    assert.equal(Date.parse(order?.againAt ?? '') - it.clock.nowMs, wait)
    assert.deepEqual(passed?.order, order)
  }
})

test('orderPass() looks for a certificate that is there, but while the order is in mind and has given nothing', async () => {
  const it = await orderWorld()
  it.ca.isAuthorized = true
  const { newOrder, order } = it.ca
  let asked = Number.NaN
  it.ca.newOrder = (wish) => {
    asked = it.kube.reads.length
    return newOrder.call(it.ca, wish)
  }
  it.ca.order = (url) => {
    asked = it.kube.reads.length
    return order.call(it.ca, url)
  }
  /** Before the CA is asked; once more it is looked before a certificate is written. */
  const looks = async () => {
    const from = it.kube.reads.length
    const passed = await it.pass()
    it.clock.nowMs = Math.max(it.clock.nowMs, passed?.againAtMs ?? 0)
    const before = it.kube.reads.slice(from, asked)
    return before.filter((each) => each === 'Secret vault-issued-tls').length
  }
  // One is the look of the world itself.
  assert.deepEqual([await looks(), await looks()], [2, 1])
  assert.equal(it.ca.count('certificate'), 1)
})

test('orderPass() never overwrites somebody else’s Secret, also where the order is in mind', async () => {
  const it = await orderWorld()
  it.ca.isAuthorized = true
  const theirs = secret('vault-issued-tls', { theirs: 'x' })
  await it.kube.create(secrets, theirs)
  // What does not carry our labels is in no cache.
  it.view.isBehind = true
  const first = await it.pass()
  it.clock.nowMs = first?.againAtMs ?? 0
  await assert.rejects(it.pass(), { name: 'NameTaken' })
  assert.deepEqual((await it.served())?.data, theirs.data)
})

test('orderPass() finds what it wrote where only the word about it failed, though the cache does not show it yet', async () => {
  const it = await orderWorld()
  it.ca.isAuthorized = true
  const first = await it.pass()
  it.clock.nowMs = first?.againAtMs ?? 0
  const { ownWrites } = it.means
  await assert.rejects(it.pass(() => true))
  // It was no kill: what this process knows it still knows.
  Object.assign(it.means, { ownWrites })
  it.view.isBehind = true
  const passed = await it.settle()
  assert.deepEqual([passed?.finding.reason, passed?.certificate?.revision], ['Issued', 1])
  assert.deepEqual([it.ca.count('new-order'), it.ca.count('certificate')], [1, 1])
})

test('orderPass() finds the certificate again after the resource was deleted and made anew', async () => {
  const it = await orderWorld()
  const before = await it.settle()
  await it.kube.delete(strongrooms, vault)
  const spec = { exposure: { host }, tls: { server: { issuerRef: { name: 'le' } } } }
  await it.kube.create(strongrooms, strongroom({ spec }))
  const after = await it.settle()
  assert.equal(after?.certificate?.sha256, before?.certificate?.sha256)
  assert.equal(it.ca.count('new-order'), 1)
})

test('orderPass() renews when two thirds are over, and says which certificate is replaced', async () => {
  const it = await orderWorld()
  const first = await it.settle()
  const renewAt = Date.parse(first?.certificate?.renewAt ?? '')
  it.clock.nowMs = renewAt - 1000
  assert.equal((await it.settle())?.certificate?.revision, 1)
  it.clock.nowMs = renewAt
  const second = await it.settle()
  assert.equal(second?.certificate?.revision, 2)
  assert.notEqual(second?.certificate?.sha256, first?.certificate?.sha256)
  const [, order] = [...it.ca.orders.values()]
  assert.match(order?.replaces ?? '', /^[\w-]+\.[\w-]+$/)
})

test('orderPass() serves on while renewal fails, and says so', async () => {
  const it = await orderWorld()
  const first = await it.settle()
  it.clock.nowMs = Date.parse(first?.certificate?.renewAt ?? '')
  it.ca.faults.push(...Array<'broken'>(3).fill('broken'))
  const failing = await it.pass()
  assert.deepEqual([failing?.finding.status, failing?.finding.reason], ['False', 'RenewalFailing'])
  assert.equal(failing?.certificate?.sha256, first?.certificate?.sha256)
  assert.equal((await it.settle())?.certificate?.revision, 2)
})

test('orderPass() tells of the same trouble once, however often it is met', async () => {
  const it = await orderWorld()
  it.ca.isAway = true
  for (let look = 0; look < 5; look += 1) {
    const { againAtMs = 0 } = (await it.pass()) ?? {}
    it.clock.nowMs = Math.max(it.clock.nowMs, againAtMs)
  }
  assert.ok(it.ca.count('new-order') >= 4)
  assert.deepEqual(it.reported, ['OrderFailing'])
})

test('orderPass() comes again when the certificate ends, however long the CA lets it wait, and then says so', async () => {
  const it = await orderWorld({}, 6)
  const { notAfter = '', renewAt = '' } = (await it.settle())?.certificate ?? {}
  it.clock.nowMs = Date.parse(renewAt)
  const retryAfterMs = 2 * (Date.parse(notAfter) - it.clock.nowMs)
  const tooMuch = { status: 429, type: 'rateLimited', retryAfterMs }
  it.ca.faults.push(tooMuch)
  assert.equal((await it.pass())?.againAtMs, Date.parse(notAfter))
  it.clock.nowMs = Date.parse(notAfter)
  const ended = await it.pass()
  assert.deepEqual(
    [ended?.finding.reason, ended?.againAtMs],
    ['RateLimited', Date.parse(renewAt) + retryAfterMs],
  )
  assert.match(ended?.finding.message ?? '', /^The certificate has ended/)
  assert.equal(it.ca.count('new-order'), 2)
})

test('orderPass() renews once for one word of an administrator', async () => {
  const it = await orderWorld()
  await it.settle()
  await it.kube.patch(strongrooms, vault, {
    metadata: { annotations: { [annotation.renew]: 'now' } },
  })
  assert.equal((await it.settle())?.certificate?.revision, 2)
  assert.equal((await it.settle())?.certificate?.revision, 2)
})

test('orderPass() revokes the certificate that is named, once, and orders another', async () => {
  const it = await orderWorld()
  const first = await it.settle()
  const sha256 = first?.certificate?.sha256
  const annotations = { [annotation.revoke]: `${sha256} keyCompromise` }
  await it.kube.patch(strongrooms, vault, { metadata: { annotations } })
  const second = await it.settle()
  assert.equal(second?.certificate?.revision, 2)
  assert.deepEqual(
    it.revoked.map(({ reason }) => reason),
    [1],
  )
  await it.settle()
  assert.equal(it.revoked.length, 1)
})

test('orderPass() waits for another cluster that orders the same name', async () => {
  const it = await orderWorld()
  it.means.orderedNames.claim('shop/other', [`shop/${host}`])
  const passed = await it.pass()
  assert.equal(passed?.finding.reason, 'NameIsBeingOrdered')
  assert.match(passed?.finding.message ?? '', /shop\/other/)
  assert.equal(it.ca.count('new-order'), 0)
  it.means.orderedNames.release('shop/other')
  assert.equal((await it.settle())?.finding.reason, 'Issued')
})

test('orderPass() asks no CA for a cluster without a name of the world', async () => {
  const it = await orderWorld({ spec: { exposure: undefined } as never })
  assert.equal((await it.pass())?.finding.reason, 'NoPublicName')
  assert.deepEqual(it.ca.calls, [])
})

test('orderPass() names what failed, how it was to be proven and the words of the CA', async () => {
  const it = await orderWorld()
  it.ca.failing.set(host, 'No TXT record found')
  let passed = await it.pass()
  for (let look = 0; look < 10 && passed?.order?.attempts !== 1; look += 1) {
    it.clock.nowMs = Math.max(it.clock.nowMs, passed?.againAtMs ?? 0)
    passed = await it.pass()
  }
  assert.equal(passed?.finding.reason, 'Unauthorized')
  assert.match(
    passed?.finding.message ?? '',
    /vault\.example by dns-01 \(fake\): No TXT record found/,
  )
  assert.ok(it.reported.includes('OrderFailing'))
  assert.ok(it.ended.includes('failed'))
})

test('orderPass() says that the issuer is gone or not ready, and takes nothing away meanwhile', async () => {
  const it = await orderWorld()
  await it.settle()
  // The CA was asked about renewal.
  const before = await it.pass()
  const found = { kind: 'unusable', message: '', reason: 'IssuerNotFound' } as const
  Object.assign(it.means, { findIssuer: async () => found })
  const said = async () => {
    const passed = await it.pass()
    assert.deepEqual([passed?.finding.status, passed?.finding.reason], ['True', 'Issued'])
    assert.equal(passed?.certificate?.sha256, before?.certificate?.sha256)
    return passed?.finding.message ?? ''
  }
  assert.equal(await said(), before?.finding.message)
  it.seen.resource = undefined
  assert.match(
    await said(),
    /: IssuerNotFound: There is no StrongroomIssuer "le" in this namespace$/,
  )
  const notReady = { type: 'Ready', status: 'False', reason: 'X', message: 'no key' } as const
  it.seen.resource = { status: { conditions: [{ ...notReady, lastTransitionTime: '' }] } }
  const twice = [await said(), await said()]
  assert.match(twice[0] ?? '', /: IssuerNotReady: StrongroomIssuer "le": no key$/)
  assert.equal(twice[0], twice[1], 'the same words: no second writing')
  it.seen.resource = {}
  assert.equal(await said(), before?.finding.message)
})

test('orderPass() does not come back at once for a CA that cannot be asked about renewal', async () => {
  const it = await orderWorld()
  const passed = await it.settle()
  it.clock.nowMs = passed?.againAtMs ?? 0
  assert.notEqual(passed?.againAtMs, Date.parse(passed?.certificate?.renewAt ?? ''))
  const gone = { kind: 'unusable', reason: 'IssuerNotFound', message: 'gone' } as const
  Object.assign(it.means, { findIssuer: async () => gone })
  const again = await it.pass()
  assert.match(again?.finding.message ?? '', /IssuerNotFound: gone$/)
  assert.equal(again?.againAtMs, Date.parse(again?.certificate?.renewAt ?? ''))
})

test('orderPass() says when a certificate ends whose issuer is not ready for hours, and orders once as soon as it is', async () => {
  const it = await orderWorld()
  const { notAfter = '', renewAt = '' } = (await it.settle())?.certificate ?? {}
  const endMs = Date.parse(notAfter)
  const { findIssuer } = it.means
  const found = { kind: 'unusable', reason: 'IssuerNotReady', message: 'no answer' } as const
  Object.assign(it.means, { findIssuer: async () => found })
  it.clock.nowMs = Date.parse(renewAt)
  const failing = await it.pass()
  assert.deepEqual([failing?.finding.reason, failing?.againAtMs], ['RenewalFailing', endMs])
  it.clock.nowMs = endMs
  assert.equal((await it.pass())?.finding.reason, 'IssuerNotReady')
  Object.assign(it.means, { findIssuer })
  assert.equal((await it.settle())?.certificate?.revision, 2)
  assert.equal(it.ca.count('new-order'), 2)
  assert.ok(it.clock.nowMs - endMs < 60_000, 'it does not wait for what was away')
})
