import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseErrors } from '#server/database/errors.ts'
import { errors } from '#server/errors.ts'
import { codedError, problemBody } from '#server/http/problem.ts'
import { CodedError } from '#shared/errors.ts'

test('problemBody() has the four members of RavenDB, and those of the error', () => {
  const error = databaseErrors.ConcurrencyConflict('users/1', 'A:1-x', 'A:2-x')
  const body = problemBody(error, '/databases/a/docs?id=users/1')
  assert.deepEqual(Object.keys(body).slice(0, 4), ['Url', 'Type', 'Message', 'Error'])
  assert.equal(body.Url, '/databases/a/docs?id=users/1')
  assert.equal(body.Error, `${error.type}: ${error.message}`)
  assert.equal(body.ActualChangeVector, 'A:2-x')
})

test('problemBody() of a refusal has type and message only', () => {
  const refusal = new CodedError('Refused', 'no', { status: 403, type: 'InvalidAuth' })
  assert.deepEqual(problemBody(refusal, '/x'), { Type: 'InvalidAuth', Message: 'no' })
})

test('codedError() leaves coded errors as they are', () => {
  const error = errors.RouteNotFound('GET', '/x')
  assert.equal(codedError(error), error)
})

test('codedError() tells nothing of what went wrong inside', () => {
  const body = problemBody(codedError(new Error('key 0xdeadbeef in /data')), '/x')
  assert.doesNotMatch(JSON.stringify(body), /deadbeef|\/data/)
  assert.equal(codedError('text').code, 'Internal')
  assert.equal(codedError(undefined).code, 'Internal')
})

test('codedError() takes a caller that left for no mistake of ours', () => {
  const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 })
  assert.equal(codedError(aborted).code, 'RequestCut')
})

test('codedError() translates what the HTTP framework refuses', () => {
  const framework = (code: string, statusCode: number) =>
    Object.assign(new Error(), { code, statusCode })
  assert.equal(codedError(framework('FST_ERR_CTP_BODY_TOO_LARGE', 413)).status, 413)
  assert.equal(codedError(framework('FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400)).status, 400)
  assert.equal(codedError(framework('FST_ERR_REP_ALREADY_SENT', 500)).code, 'Internal')
})
