import assert, { AssertionError } from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '#server/errors.ts'
import { uncaughtErrors } from '#server/start/uncaught-errors.ts'

function happened(isServing: boolean, thrown: unknown): string[] {
  const all: string[] = []
  uncaughtErrors({
    logger: { error: () => void all.push('logged') } as never,
    fatal: () => void all.push('ended'),
    isServing: () => isServing,
  })(thrown)
  return all
}

test('uncaughtErrors() lets a server go on, after assertions too', () => {
  const thrown = [
    new Error('x'),
    new TypeError('x'),
    new AssertionError({ message: 'x' }),
    'x',
    undefined,
  ]
  for (const one of thrown) assert.deepEqual(happened(true, one), ['logged'])
})

test('uncaughtErrors() ends a server whose stored data is in doubt, and one that is starting', () => {
  assert.deepEqual(happened(true, errors.CommitInDoubt('orders')), ['ended'])
  assert.deepEqual(happened(false, new Error('x')), ['ended'])
})
