import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { test } from 'node:test'
import { childrenOf, oidOf, parse } from '#shared/pki/ber.ts'
import { sequence } from '#shared/pki/der.ts'
import { utf8 } from '#shared/pki/der-values.ts'
import { algorithmIdentifier, signed } from '#shared/pki/signature.ts'

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** Key, the algorithm that says how it signs, the hash (nothing: its own). */
const cases: readonly [name: string, pair: Pair, id: string, hash: string | null][] = [
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), '1.2.840.10045.4.3.2', 'sha256'],
  ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }), '1.2.840.10045.4.3.3', 'sha384'],
  ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' }), '1.2.840.10045.4.3.4', 'sha512'],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), '1.2.840.113549.1.1.11', 'sha256'],
  ['Ed25519', generateKeyPairSync('ed25519'), '1.3.101.112', null],
]

for (const [name, { publicKey, privateKey }, id, hash] of cases)
  test(`signed() with a key of kind ${name} names its algorithm and verifies`, () => {
    const content = sequence(utf8('what is signed'))
    const [body, algorithm, signature] = childrenOf(parse(signed(content, privateKey)))
    assert.deepEqual(body?.encoded, content)
    assert.deepEqual(algorithm?.encoded, algorithmIdentifier(privateKey))
    assert.equal(oidOf(childrenOf(algorithm)[0]), id)
    assert.equal(signature?.content[0], 0)
    const bytes = signature?.content.subarray(1) ?? Buffer.alloc(0)
    assert.ok(verify(hash, content, publicKey, bytes))
    assert.ok(!verify(hash, Buffer.concat([content, content]), publicKey, bytes))
  })

test('algorithmIdentifier() has parameters for RSA only, as the standards want', () => {
  const parts = cases.map(([name, { privateKey }]) => [
    name,
    childrenOf(parse(algorithmIdentifier(privateKey))).length,
  ])
  assert.deepEqual(Object.fromEntries(parts), {
    ...{ 'P-256': 1, 'P-384': 1, 'P-521': 1, RSA: 2, Ed25519: 1 },
  })
})

test('signed() refuses a key that signs no certificates', () => {
  const { privateKey } = generateKeyPairSync('x25519')
  assert.throws(() => signed(sequence(), privateKey), /Cannot sign with a key of type x25519/)
  const odd = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
  assert.throws(() => signed(sequence(), odd.privateKey), /use P-256 or RSA/)
})
