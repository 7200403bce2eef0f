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
