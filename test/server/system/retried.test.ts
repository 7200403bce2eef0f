import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemUpdateAttemptsMax } from '#server/limits.ts'
import { systemErrors } from '#server/system/errors.ts'
import { retried } from '#server/system/retried.ts'
import { hasCode } from '#shared/errors.ts'

const conflict = (): Error => systemErrors.SystemConflict('"a" of meta', 1, 2)

test('retried() tries again after a conflict, and only after one', async () => {
  let tries = 0
  const result = await retried(async () => {
    tries += 1
    if (tries < 3) throw conflict()
    return tries
  })
  assert.equal(result, 3)
  await assert.rejects(
    retried(async () => {
      tries += 1
      throw new RangeError('no')
    }),
    RangeError,
  )
  assert.equal(tries, 4)
})

test('retried() gives up in the end', async () => {
  let tries = 0
  const trying = retried(async () => {
    tries += 1
    throw conflict()
  })
  await assert.rejects(trying, (error) => hasCode(error, 'SystemConflict'))
  assert.equal(tries, systemUpdateAttemptsMax)
})
