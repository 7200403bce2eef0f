import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scrub } from './scrub.ts'

test('scrub: volatile values become words, others stay', () => {
  assert.deepEqual(
    scrub({
      Name: 'shop',
      Thumbprint: 'AB',
      NotAfter: '2030-01-01T00:00:00.0000000',
      'x-change-vector': 'A:1-aaaaaaaaaaaaaaaaaaaaaa',
      ResultEtag: -5,
      TransactionId: 7,
      Url: 'https://localhost:8443/databases/0f8fad5b-d9cb-469f-a165-70867728950e',
    }),
    {
      Name: 'shop',
      Thumbprint: '<thumbprint>',
      NotAfter: '<time>',
      'x-change-vector': '<change vector>',
      ResultEtag: '<number>',
      TransactionId: '<number>',
      Url: '<https url>/databases/<guid>',
    },
  )
})

test('scrub: texts of messages are never kept, and an empty one stays empty', () => {
  const body = { Message: 'Could not', Error: '', Type: 'T', StalenessReasons: ['because'] }
  assert.deepEqual(scrub(body), {
    Message: '<text>',
    Error: '',
    Type: 'T',
    StalenessReasons: ['<text>'],
  })
})

test('scrub: a key of 32 bytes is never kept, wherever it stands', () => {
  assert.equal(scrub(Buffer.alloc(32, 7).toString('base64')), '<key of 32 bytes>')
})

test('scrub: a shape is keys, types and the first item of a list', () => {
  assert.deepEqual(scrub({ A: [1, 2], B: true, C: 'x', D: null }, { shape: true }), {
    A: ['<number>'],
    B: '<boolean>',
    C: '<string>',
    D: null,
  })
})

test('scrub: the name of an automatic index is kept only where it is what the step is about', () => {
  const body = { IndexName: 'Auto/People/ByName' }
  assert.deepEqual(scrub(body), { IndexName: 'Auto/People/By<fields>' })
  assert.deepEqual(scrub(body, { exactIndex: 'Auto/People/ByName' }), body)
})

test('scrub() keeps the words of enums, which clients throw on where they do not know them', () => {
  const node = { ServerRole: 'Member', CurrentState: 'Leader', DatabaseState: 'Normal', Other: 'x' }
  assert.deepEqual(scrub(node, { shape: true }), { ...node, Other: '<string>' })
})
