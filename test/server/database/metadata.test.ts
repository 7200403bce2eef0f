import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { joinDocument, joinMetadata, joinNamed, splitDocument } from '#server/database/metadata.ts'
import type { DocumentRecord } from '#server/database/tables.ts'
import { ended } from '#test/support/steps.ts'

function split(text: string) {
  return ended(splitDocument(Buffer.from(text)))
}

function record(text: string, id = 'users/1'): DocumentRecord {
  return { ...split(text), id, etag: 7, lastModified: Date.UTC(2026, 0, 2), collection: 1 }
}

const ours =
  '"@change-vector":"A:7-db","@id":"users/1","@last-modified":"2026-01-02T00:00:00.0000000Z"}}'

for (const [text, body] of [
  ['{}', '{}'],
  [' { "a" : 1.10 } ', '{ "a" : 1.10 }'],
  ['{"@metadata":{}}', '{}'],
  ['{ "@metadata" : {} }', '{}'],
  ['{ "@metadata":{} , "a":1 }', '{"a":1 }'],
  ['{"a":1,\n "@metadata":{}\n}', '{"a":1}'],
  ['{"@metadata":{},"a":1}', '{"a":1}'],
  ['{"a":1 , "@metadata":{} , "b":2}', '{"a":1, "b":2}'],
  ['{"a":1,"@metadata":{}}', '{"a":1}'],
  ['{"a":1,"\\u0040metadata":{}}', '{"a":1}'],
  ['{"a":{"@metadata":5}}', '{"a":{"@metadata":5}}'],
] as const) {
  test(`splitDocument() leaves ${body} of ${text}`, () => {
    assert.equal(split(text).body.toString(), body)
  })
}

test('splitDocument() drops what the server says itself, and keeps the rest in order', () => {
  const metadata =
    '{"Z":1 ,"@id":"x","@collection":"Users","@flags":"HasRevisions","@change-vector":"A:1-x","A":{"b":[ 1 ]},"@last-modified":"x"}'
  const { collection, metadata: kept } = split(`{"@metadata":${metadata}}`)
  assert.equal(collection, 'Users')
  assert.equal(kept.toString(), '"Z":1,"@collection":"Users","A":{"b":[ 1 ]}')
})

test('splitDocument() takes what names no collection for @empty', () => {
  for (const value of ['""', 'null', '5', '{}']) {
    assert.equal(split(`{"@metadata":{"@collection":${value}}}`).collection, '@empty')
  }
  assert.equal(split('{}').collection, '@empty')
})

test('splitDocument() refuses metadata that is no object and names that are too long', () => {
  for (const value of ['5', 'null', '[]', '""']) {
    assert.throws(() => split(`{"@metadata":${value}}`), { code: 'MetadataNotAnObject' })
  }
  for (const name of ['x'.repeat(513), '\\ud800']) {
    assert.throws(() => split(`{"@metadata":{"@collection":"${name}"}}`), {
      code: 'CollectionNameInvalid',
    })
  }
})

test('joinDocument() puts @metadata last, after the bytes as they came', () => {
  assert.equal(joinDocument(record('{}'), 'db').toString(), `{"@metadata":{${ours}`)
  assert.equal(
    joinDocument(record('{ "a":1 ,"@metadata":{"x":"ü"}, "b":"日" }'), 'db').toString(),
    `{ "a":1, "b":"日" ,"@metadata":{"x":"ü",${ours}`,
  )
})

test('joinDocument() escapes the id', () => {
  const text = joinDocument(record('{}', 'a"\\\n日'), 'db').toString()
  assert.equal(JSON.parse(text)['@metadata']['@id'], 'a"\\\n日')
})

test('joinNamed() puts the id before the document', () => {
  const named = joinNamed(record('{}', 'a"b'), 'db').toString()
  assert.equal(named, `"a\\"b":${joinDocument(record('{}', 'a"b'), 'db')}`)
})

test('joinMetadata() gives metadata alone', () => {
  const text = joinMetadata(record('{"a":1,"@metadata":{"x":1}}'), 'db').toString()
  assert.equal(text, `{"@metadata":{"x":1,${ours}`)
})

test('joinDocument() gives back any document that splitDocument() took apart', () => {
  const members = fc.dictionary(
    fc.string({ unit: 'binary' }).filter((name) => name !== '@metadata'),
    fc.jsonValue(),
  )
  const user = fc.dictionary(
    fc.string().filter((name) => !name.startsWith('@')),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(members, user, fc.nat(), fc.nat(3), (document, metadata, at, indent) => {
      const entries = Object.entries(document)
      entries.splice(at % (entries.length + 1), 0, ['@metadata', metadata])
      const text = JSON.stringify(Object.fromEntries(entries), undefined, indent)
      const read = JSON.parse(joinDocument(record(text), 'db').toString())
      const { '@metadata': joined, ...rest } = read
      const { '@change-vector': version, '@id': id, '@last-modified': at2, ...kept } = joined
      assert.deepEqual([version, id, at2], ['A:7-db', 'users/1', '2026-01-02T00:00:00.0000000Z'])
      assert.deepEqual(rest, JSON.parse(JSON.stringify(document)))
      assert.deepEqual(kept, JSON.parse(JSON.stringify(metadata)))
      // What comes back from a client is stored as it was, but for space beside its metadata.
      const again = record(joinDocument(record(text), 'db').toString())
      assert.equal(trimmed(again.body), trimmed(record(text).body))
      assert.deepEqual(JSON.parse(`{${again.metadata}}`), JSON.parse(`{${record(text).metadata}}`))
    }),
  )
})

function trimmed(body: Buffer): string {
  return body.toString().replace(/\s*\}$/, '}')
}
