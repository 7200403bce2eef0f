import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  collectionCodec,
  collectionKey,
  collectionNumberCodec,
  documentCodec,
  identityCodec,
  tombstoneCodec,
  trees,
} from '#server/database/tables.ts'

const number = fc.maxSafeInteger()
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const bytes = fc.uint8Array().map((array) => Buffer.from(array))
const collection = fc.nat(0xff_ff_ff_ff)
/** Objects as ours are, not ones without a prototype. */
const plain = { noNullPrototype: true } as const

test('trees have numbers of their own', () => {
  const numbers = Object.values(trees)
  assert.equal(new Set(numbers).size, numbers.length)
  assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8])
})

test('documentCodec gives back what was written', () => {
  const record = fc.record(
    {
      id: text,
      etag: number,
      lastModified: number,
      collection,
      metadata: bytes,
      body: bytes,
      bodyIsEmpty: fc.boolean(),
    },
    plain,
  )
  fc.assert(
    fc.property(record, (document) => {
      const written = documentCodec.encode(document)
      assert.deepEqual(documentCodec.decode(written), document)
      assert.equal(documentCodec.etag(written), document.etag)
      assert.equal(documentCodec.collection(written), document.collection)
    }),
  )
})

test('the other codecs give back what was written', () => {
  const collections = fc.record(
    { name: text, documents: number, tombstones: number, lastEtag: number },
    plain,
  )
  const tombstones = fc.record({ etag: number, deletedAt: number, collection, id: text }, plain)
  const identities = fc.record({ value: number, name: text }, plain)
  fc.assert(
    fc.property(collections, tombstones, identities, collection, (one, two, three, four) => {
      assert.deepEqual(collectionCodec.decode(collectionCodec.encode(one)), one)
      assert.deepEqual(tombstoneCodec.decode(tombstoneCodec.encode(two)), two)
      assert.deepEqual(identityCodec.decode(identityCodec.encode(three)), three)
      assert.equal(collectionNumberCodec.decode(collectionNumberCodec.encode(four)), four)
    }),
  )
})

test('collectionKey() sorts as the numbers do', () => {
  fc.assert(
    fc.property(collection, collection, (one, other) => {
      assert.equal(collectionKey(one) < collectionKey(other), one < other)
      assert.equal(collectionKey(one).length, 4)
    }),
  )
})
