import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OutsideLook, withOutsideLook } from '#server/acme/outside-look.ts'
import type { Challenge, Solver } from '#shared/acme/solver.ts'

const challenge: Challenge = {
  ...{ type: 'http-01', name: 'vault.example.com', token: 't', keyAuthorization: 't.x' },
}
const { signal } = new AbortController()

/** A solver whose look from outside finds that, and what was done. */
function scene(check: OutsideLook['check'], found: string | undefined, own?: string) {
  const calls: string[] = []
  const inner: Solver = {
    type: 'http-01',
    label: 'inner',
    present: async () => void calls.push('present'),
    check: async () => {
      calls.push('check')
      return own
    },
    cleanUp: async () => void calls.push('clean up'),
  }
  const solver = withOutsideLook(inner, {
    check,
    look: async ({ name }) => {
      calls.push(`look ${name}`)
      return found
    },
    warn: ({ name }, why) => calls.push(`warn ${name} ${why}`),
  })
  return { inner, solver, calls }
}

test('withOutsideLook() says nothing where the answer is seen', async () => {
  for (const check of ['Warn', 'Require'] as const) {
    const { solver, calls } = scene(check, undefined)
    assert.equal(await solver.check(challenge, signal), undefined)
    assert.deepEqual(calls, ['check', 'look vault.example.com'])
  }
})

test('withOutsideLook() that warns lets the CA be asked all the same', async () => {
  const { solver, calls } = scene('Warn', 'nobody answers')
  assert.equal(await solver.check(challenge, signal), undefined)
  assert.equal(calls.at(-1), 'warn vault.example.com nobody answers')
})

test('withOutsideLook() that requires holds the CA off until the answer is seen', async () => {
  const { solver, calls } = scene('Require', 'nobody answers')
  for (let times = 0; times < 2; times += 1)
    assert.equal(await solver.check(challenge, signal), 'nobody answers')
  assert.deepEqual(calls, ['check', 'look vault.example.com', 'check', 'look vault.example.com'])
})

test('withOutsideLook() does not look where nobody wants it, or the answer is not there at all', async () => {
  const unwanted = scene('None', 'nobody answers')
  assert.equal(unwanted.solver, unwanted.inner)
  const early = scene('Require', undefined, 'not yet')
  assert.equal(await early.solver.check(challenge, signal), 'not yet')
  assert.deepEqual(early.calls, ['check'])
})

test('withOutsideLook() leaves everything else as it is', async () => {
  const { solver, calls } = scene('Warn', undefined)
  await solver.present(challenge, signal)
  await solver.cleanUp(challenge, signal)
  assert.deepEqual(
    [solver.type, solver.label, ...calls],
    ['http-01', 'inner', 'present', 'clean up'],
  )
})
