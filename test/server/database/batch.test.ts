import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchAnswer, readBatch } from '#server/database/batch.ts'
import { batchCommandsMax } from '#server/limits.ts'

function end<T>(steps: Generator<number, T>): T {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

function read(body: unknown) {
  return end(
    readBatch(Buffer.from(JSON.stringify(body)), {
      newId: () => 'new id',
      documentBytesMax: 1_000,
    }),
  )
}

test('readBatch() cuts the documents out as they were written', () => {
  const body =
    '{"Commands":[{"Document":{ "a" : 1.10,"@metadata":{"@collection":"Users"}},"Type":"PUT","Id":"x","ChangeVector":"A:1-x"}]}'
  const [command] = end(readBatch(Buffer.from(body), { newId: () => '', documentBytesMax: 1_000 }))
  assert.deepEqual(command, {
    kind: 'put',
    id: 'x',
    expected: 'A:1-x',
    collection: 'Users',
    metadata: Buffer.from('"@collection":"Users"'),
    body: Buffer.from('{ "a" : 1.10}'),
    bodyIsEmpty: false,
  })
})

test('readBatch() checks a version only where one is given', () => {
  const expected = (ChangeVector: unknown) => {
    const [command] = read({ Commands: [{ Type: 'DELETE', Id: 'x', ChangeVector }] })
    return command?.kind === 'delete' ? command.expected : 'no delete'
  }
  assert.deepEqual([expected(undefined), expected(null), expected('')], [undefined, undefined, ''])
})

test('readBatch() leaves ids to the server where none is given', () => {
  for (const Id of [undefined, null, '', '  ']) {
    const [command] = read({ Commands: [{ Type: 'PUT', Id, Document: {} }] })
    assert.equal(command?.kind === 'put' && command.id, 'new id')
  }
})

test('readBatch() bounds the commands', () => {
  const one = { Type: 'DELETE', Id: 'x' }
  const Commands = Array.from({ length: batchCommandsMax + 1 }, () => one)
  assert.throws(() => read({ Commands }), { code: 'BatchTooLarge' })
})

test('readBatch() says which command is wrong', () => {
  const Commands = [
    { Type: 'DELETE', Id: 'x' },
    { Type: 'PUT', Id: 'y' },
  ]
  assert.throws(() => read({ Commands }), /command 1 has no object in "Document"/)
})

/** Everything that RavenDB's clients put into a batch beside documents, and what would be lost if it were dropped. */
const dropped: readonly (readonly [string, unknown])[] = [
  ['a transaction of the cluster', { TransactionMode: 'ClusterWide' }],
  ['the same in another case', { TransactionMode: 'clusterwide' }],
  ['a transaction mode as a number', { TransactionMode: 1 }],
  ['a transaction mode that does not exist', { TransactionMode: 'Both' }],
  ['another member', { Options: { x: 1 } }],
  ['a forced revision', put({ ForceRevisionCreationStrategy: 'Before' })],
  ['another member of a put', put({ Seed: 1 })],
  ['a put of an inherited name', put({ constructor: 'x' })],
  ['a delete by prefix', { Commands: [{ Type: 'DELETE', Id: 'users/', IdPrefixed: true }] }],
]

function put(more: object) {
  return { Commands: [{ Type: 'PUT', Id: 'x', Document: {}, ...more }] }
}

for (const [what, more] of dropped) {
  test(`readBatch() refuses ${what}`, () => {
    assert.throws(() => read({ Commands: [], ...(more as object) }), {
      code: 'BatchCommandNotSupported',
      status: 501,
    })
  })
}

test('readBatch() takes what asks for nothing', () => {
  const more = { OriginalChangeVector: 'A:1-x', ForceRevisionCreationStrategy: 'None', Name: null }
  assert.equal(read({ ...put(more), TransactionMode: 'SingleNode', Options: null }).length, 1)
  const Commands = [{ Type: 'DELETE', Id: 'x', IdPrefixed: false, Document: null }]
  assert.equal(read({ Commands, TransactionMode: null }).length, 1)
})

test('batchAnswer() is empty for an empty batch', () => {
  assert.equal(end(batchAnswer([], 'db')), '{"Results":[]}')
})

test('readBatch() and batchAnswer() take a step for each command', () => {
  const Commands = ['x', 'y', 'z'].map((Id) => ({ Type: 'DELETE', Id }))
  const body = Buffer.from(JSON.stringify({ Commands }))
  assert.equal([...readBatch(body, { newId: () => '', documentBytesMax: 1_000 })].length, 3)
  const outcomes = Commands.map(({ Id }) => ({ kind: 'delete', id: Id, deleted: false }) as const)
  assert.equal([...batchAnswer(outcomes, 'db')].length, 3)
})

test('readBatch() bounds each document', () => {
  const put = (length: number) => ({
    Commands: [{ Type: 'PUT', Id: 'x', Document: { text: 'x'.repeat(length) } }],
  })
  assert.equal(read(put(900)).length, 1)
  assert.throws(() => read(put(1_000)), { code: 'DocumentTooLarge', status: 413 })
})
