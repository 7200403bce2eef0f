import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { type Certificate, readCertificate } from '#shared/pki/certificate.ts'
import { ownFirst, sentChain, signingOrder } from '#shared/pki/chain.ts'
import { utf8 } from '#shared/pki/der-values.ts'
import { type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { authority } from '#test/support/certificates.ts'
import { handmade, nameOf } from '#test/support/handmade-certificates.ts'

/** Each signed by the next; the last one is the root. */
let chain: Certificate[]
let keys: KeyPair[]
let stranger: Certificate
before(async () => {
  keys = await Promise.all(['leaf', 'low', 'high', 'root'].map(() => makeKeyPair('p-256')))
  const names = ['leaf', 'low', 'high', 'root'].map((name) => nameOf(utf8(name)))
  chain = keys.map(({ publicKey }, at) => {
    const signer = Math.min(at + 1, keys.length - 1)
    const key = publicKey.export({ type: 'spki', format: 'der' })
    const [subject, issuer] = [names[at] ?? key, names[signer] ?? key]
    return readCertificate(handmade(keys[signer] as KeyPair, { subject, issuer, key }))
  })
  stranger = (await authority('low')).certificate
})

const named = (certificates: readonly Certificate[]) =>
  certificates.map(({ commonName }) => commonName)

test('signingOrder() is that of the signatures, whatever that of the file, without strangers', () => {
  const [leaf, ...others] = chain
  const any = fc.shuffledSubarray([...others, stranger], { minLength: 4 })
  fc.assert(
    fc.property(any, (file) =>
      assert.deepEqual(named(signingOrder(leaf as Certificate, file)), [
        'leaf',
        'low',
        'high',
        'root',
      ]),
    ),
  )
})

test('signingOrder() ends where a certificate is missing, and where two signed each other', () => {
  const [leaf, low, high, root] = chain as [Certificate, Certificate, Certificate, Certificate]
  assert.deepEqual(named(signingOrder(leaf, [high, root])), ['leaf'])
  assert.deepEqual(named(signingOrder(leaf, [low, low, leaf])), ['leaf', 'low'])
  assert.deepEqual(named(signingOrder(root, [root])), ['root'])
})

test('sentChain() leaves out the root, unless it is all there is', () => {
  const [leaf, low, high, root] = chain as [Certificate, Certificate, Certificate, Certificate]
  assert.deepEqual(named(sentChain(leaf, [root, high, low])), ['leaf', 'low', 'high'])
  assert.deepEqual(named(sentChain(root, [])), ['root'])
})

test('ownFirst() finds whose key it is anywhere in a file', () => {
  const reversed = chain.toReversed()
  const [own, others] = ownFirst(reversed, (keys[0] as KeyPair).privateKey)
  assert.equal(own?.commonName, 'leaf')
  assert.deepEqual(named(others), ['root', 'high', 'low'])
})

test('ownFirst() takes the first one where the key is nobody’s', async () => {
  const { privateKey } = await makeKeyPair('p-256')
  assert.equal(ownFirst(chain, privateKey)[0]?.commonName, 'leaf')
  assert.deepEqual(ownFirst([], privateKey), [undefined, []])
})
