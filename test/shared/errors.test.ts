import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CodedError, defineErrors, hasCode } from '#shared/errors.ts'

const errors = defineErrors({
  TooLong: {
    status: 400,
    type: 'System.ArgumentException',
    message: (id: string, bytes: number) => `Cannot store "${id}": ${bytes} bytes`,
    details: (id: string) => ({ Id: id }),
  },
  Plain: { status: 503, type: 'System.Exception', message: () => 'Cannot go on: it is full' },
})

test('defineErrors() makes a factory for each row, whose error carries the row', () => {
  const error = errors.TooLong('a', 600)
  assert.ok(error instanceof CodedError && error instanceof Error)
  const { code, status, type, message, details } = error
  assert.deepEqual(
    { code, status, type, message, details },
    {
      code: 'TooLong',
      status: 400,
      type: 'System.ArgumentException',
      message: 'Cannot store "a": 600 bytes',
      details: { Id: 'a' },
    },
  )
})

test('defineErrors() gives no details where the row has none, cannot be changed, and shows its rows', () => {
  assert.deepEqual(errors.Plain().details, {})
  assert.ok(Object.isFrozen(errors))
  assert.equal(errors.Plain.row.status, 503)
})

test('hasCode() knows an error by its code, and nothing else', () => {
  assert.equal(hasCode(errors.Plain(), 'Plain'), true)
  assert.equal(hasCode(errors.Plain(), 'TooLong'), false)
  assert.equal(hasCode(Object.assign(new Error('x'), { code: 'Plain' }), 'Plain'), false)
  assert.equal(hasCode(undefined, 'Plain'), false)
})
