import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { reasonOf } from '#shared/acme/reason.ts'

test('reasonOf() names the failure of each address, which the error itself does not', () => {
  const both = new AggregateError([new Error('connect A'), new Error('connect B')])
  assert.equal(both.message, '')
  assert.equal(reasonOf(both), 'connect A; connect B')
})

test('reasonOf() has words for whatever a name that leads nowhere brings', async () => {
  const error = await new Promise((resolve) => {
    connect({ host: 'localhost', port: 1 }).on('error', resolve)
  })
  assert.match(reasonOf(error), /ECONNREFUSED/)
})

test('reasonOf() says so where time ran out, and repeats what is no error', async () => {
  const late = AbortSignal.timeout(0)
  await new Promise((resolve) => late.addEventListener('abort', resolve))
  assert.equal(reasonOf(late.reason), 'nothing came in time')
  assert.equal(reasonOf('text'), 'text')
})
