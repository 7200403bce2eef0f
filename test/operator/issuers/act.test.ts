import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAccountKey } from '#operator/issuers/account-key.ts'
import { act } from '#operator/issuers/act.ts'
import type { Answer } from '#operator/issuers/ask.ts'
import type { Observed } from '#operator/issuers/observe.ts'
import type { Decision } from '#operator/issuers/plan.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { isConflict } from '#operator/kube/kube.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { FakeKube } from '#test/support/fake-kube.ts'
import { issuer } from '#test/support/resources.ts'

const ref = (name: string) => ({ name, namespace: 'shop' })
const account: Answer = {
  kind: 'account',
  created: true,
  account: { url: 'https://ca.example/1', server: 's', keyThumbprint: 'k', checkedAt: '' },
}
const gone = { kind: 'missing', secretName: 'public-account' } as const
const observed = (given: Partial<Observed> = {}) =>
  ({ resource: issuer(), account: gone, ...given }) as Observed
const deed = (
  kube: FakeKube,
  decision: Decision,
  { answer, ...given }: Partial<Observed> & { answer?: Answer } = {},
) => act(kube, observed(given), { decision, answer })

test('act() makes a key only where none is there: created, never applied', async () => {
  const kube = new FakeKube()
  assert.equal((await deed(kube, { kind: 'make-key' }))?.reason, 'AccountKeyMade')
  const before = await kube.get(secrets, ref('public-account'))
  assert.equal(await deed(kube, { kind: 'make-key' }), undefined)
  assert.deepEqual(await kube.get(secrets, ref('public-account')), before)
})

test('act() stages a next key, puts it into the very Secret that was seen, and drops it', async () => {
  const kube = new FakeKube()
  await deed(kube, { kind: 'make-key' })
  await deed(kube, { kind: 'stage-key', value: 'today' })
  const read = async (name: string) => (await kube.get<Secret>(secrets, ref(name))) ?? assert.fail()
  const [accountSecret, stagedSecret] = [
    await read('public-account'),
    await read('public-next-account'),
  ]
  const staged = readAccountKey(stagedSecret, 'public-next-account')
  const swap = { kind: 'ask', question: 'roll-over' } as const
  const seen = { accountSecret, staged, stagedSecret, answer: account }
  assert.equal((await deed(kube, swap, seen))?.reason, 'AccountKeyReplaced')
  assert.deepEqual((await read('public-account')).data, stagedSecret.data)
  await assert.rejects(deed(kube, swap, seen), isConflict)
  await deed(kube, { kind: 'unstage' }, { stagedSecret })
  assert.equal(await kube.get(secrets, ref('public-next-account')), undefined)
})

test('act() leaves the key alone where the CA did not take the next one', async () => {
  const kube = new FakeKube()
  const halt = { kind: 'wait', reason: 'x', message: 'x' } as const
  const swap = { kind: 'ask', question: 'roll-over' } as const
  assert.equal(await deed(kube, swap, { answer: { kind: 'trouble', halt } }), undefined)
  assert.deepEqual(kube.writes, [])
})

test('act() tells what became of the account', async () => {
  const reason = async (question: 'register' | 'contact' | 'check', answer: Answer = account) =>
    (await deed(new FakeKube(), { kind: 'ask', question }, { answer }))?.reason
  assert.equal(await reason('register'), 'AccountRegistered')
  assert.equal(await reason('register', { ...account, created: false }), 'AccountFound')
  assert.equal(await reason('contact'), 'ContactChanged')
  assert.equal(await reason('check'), undefined)
})

test('act() does nothing where there is nothing to do', async () => {
  const kube = new FakeKube()
  const decisions: readonly Decision[] = [
    { kind: 'wait', reason: 'x', message: 'x' },
    { kind: 'stalled', reason: 'x', message: 'x' },
    { kind: 'later', againAtMs: 0 },
    { kind: 'ready', againAtMs: 0 },
    { kind: 'unstage' },
  ]
  for (const decision of decisions) assert.equal(await deed(kube, decision), undefined)
  assert.deepEqual(kube.writes, [])
})
