import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Registration } from '#server/access/registration.ts'
import { renewalOf } from '#server/access/renewal.ts'
import { type Certificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { type Issued, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { authority, client, days, year2026 } from '#test/support/certificates.ts'
import { presented, registration } from '#test/support/registrations.ts'

let ca: Issued
let keys: KeyPair
let old: Certificate
let fresh: Certificate

before(async () => {
  ca = await authority('Issuer')
  keys = await makeKeyPair('p-256')
  old = (await client(ca, { keys, validity: days(30) })).certificate
  fresh = (await client(ca, { keys, validity: days(400) })).certificate
})

interface Case {
  readonly certificate?: Certificate
  readonly chain?: readonly Certificate[]
  readonly registrations?: readonly Registration[]
  readonly deleted?: boolean
  readonly now?: number
}

function verdict({
  certificate = fresh,
  chain = [],
  now = year2026,
  ...wanted
}: Case = {}): unknown {
  const registrations = wanted.registrations ?? [registration(old, { issuer: ca.certificate.der })]
  const history = { registrations, deleted: wanted.deleted ?? false }
  const found = renewalOf(presented(certificate, chain), history, { now, verify: verifyIssuedBy })
  return typeof found === 'string' ? found : found.predecessor.thumbprint
}

test('renewalOf() lets in what the kept issuer signed', () => {
  assert.equal(verdict(), old.thumbprint)
})

test('renewalOf() lets in what an issuer sent along has signed, as it signed the registered one', () => {
  const registrations = [registration(old)]
  assert.equal(verdict({ registrations, chain: [ca.certificate] }), old.thumbprint)
})

test('renewalOf() refuses where no issuer is known', () => {
  assert.equal(verdict({ registrations: [registration(old)] }), 'issuer')
})

test('renewalOf() refuses another issuer, also one of the same name, sent along or not', async () => {
  for (const name of ['Another', 'Issuer']) {
    const other = await authority(name)
    const { certificate } = await client(other, { keys })
    for (const chain of [[], [other.certificate], [other.certificate, ca.certificate]]) {
      assert.equal(verdict({ certificate, chain }), 'issuer')
      assert.equal(verdict({ certificate, chain, registrations: [registration(old)] }), 'issuer')
    }
  }
})

test('renewalOf() refuses a successor that signed itself', async () => {
  const own = await authority('Issuer', keys)
  for (const chain of [[], [own.certificate], [ca.certificate]]) {
    assert.equal(verdict({ certificate: own.certificate, chain }), 'issuer')
  }
})

test('renewalOf() refuses a successor that the holder of the key signed as if he were an authority', async () => {
  const own = await authority('Issuer', keys)
  const forged = (await client(own, { keys })).certificate
  assert.equal(verdict({ certificate: forged, chain: [own.certificate] }), 'issuer')
})

test('renewalOf() refuses every successor of one that signed itself', async () => {
  const own = await authority('Self', keys)
  const successor = (await client(own, { keys })).certificate
  const registrations = [registration(own.certificate, { issuer: own.certificate.der })]
  assert.equal(
    verdict({ certificate: successor, registrations, chain: [own.certificate] }),
    'issuer',
  )
})

test('renewalOf() does not give back what was deleted, disabled or has expired', () => {
  const issuer = ca.certificate.der
  assert.equal(verdict({ deleted: true }), 'deleted')
  assert.equal(verdict({ registrations: [], deleted: true }), 'deleted')
  assert.equal(
    verdict({ registrations: [registration(old, { issuer, disabled: true })] }),
    'disabled',
  )
  assert.equal(verdict({ now: old.notAfter + 1 }), 'expired')
  assert.equal(verdict({ now: old.notAfter }), old.thumbprint)
})

test('renewalOf() refuses a successor that is itself not valid now', () => {
  const registrations = [registration(fresh, { issuer: ca.certificate.der })]
  assert.equal(verdict({ certificate: old, registrations, now: old.notAfter + 1 }), 'expired')
})

test('renewalOf() refuses where one of several is disabled, or where they are not one family', () => {
  const issuer = ca.certificate.der
  const one = registration(old, { issuer })
  const sibling = registration(fresh, { issuer, root: old.thumbprint, renewedFrom: old.thumbprint })
  assert.equal(verdict({ registrations: [one, sibling] }), old.thumbprint)
  assert.equal(verdict({ registrations: [one, { ...sibling, disabled: true }] }), 'disabled')
  assert.equal(verdict({ registrations: [one, { ...sibling, root: fresh.thumbprint }] }), 'several')
})
