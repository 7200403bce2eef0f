import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import type { StrongroomIssuerStatus } from '#operator/api/issuer.ts'
import { readAccountKey } from '#operator/issuers/account-key.ts'
import type { Observed } from '#operator/issuers/observe.ts'
import { checks, decide, knownAccount } from '#operator/issuers/plan.ts'
import { year2026 as nowMs } from '#test/support/certificates.ts'
import { issuer, secret } from '#test/support/resources.ts'

const keyOf = (name: string) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const read = readAccountKey(secret(name, { 'tls.key': String(pem) }), name)
  return read.kind === 'usable' ? read : assert.fail()
}
const account = keyOf('public-account')
const next = keyOf('public-next-account')
const missing = { kind: 'missing', secretName: 'public-next-account' } as const
const minute = 60_000
const at = (ms: number) => new Date(nowMs + ms).toISOString()
const known = {
  url: 'https://ca.example/account/1',
  server: 'https://ca.example/directory',
  keyThumbprint: account.thumbprint,
  email: 'ops@example.com',
  checkedAt: at(-minute),
}
const settled: StrongroomIssuerStatus = { observedGeneration: 1, account: known }

const observed = (given: Partial<Observed> = {}, status: StrongroomIssuerStatus = settled) =>
  ({
    nowMs,
    resource: issuer({ status }),
    account,
    staged: missing,
    isStagedOurs: false,
    isAccountOurs: true,
    binding: { kind: 'none' },
    inputs: 'now',
    ...given,
  }) as Observed

const decided = (...given: Parameters<typeof observed>): string => {
  const decision = decide(observed(...given))
  const { kind, ...rest } = decision
  return [kind, ...Object.values(rest).slice(0, 1)].join(' ')
}

test('decide() has nothing to do for a settled account until it is due to be checked', () => {
  assert.deepEqual(decide(observed()), { kind: 'ready', againAtMs: nowMs + 59 * minute })
  assert.equal(decided({ nowMs: nowMs + 59 * minute }), 'ask check')
  assert.equal(decided({}, { ...settled, observedGeneration: 0 }), 'ask check')
})

test('decide() makes a first key, registers it, and never makes one where an account is known', () => {
  const gone = { kind: 'missing', secretName: 'public-account' } as const
  assert.equal(decided({ account: gone }, {}), 'make-key')
  assert.equal(decided({}, {}), 'ask register')
  assert.equal(decided({ account: gone }), 'stalled AccountKeyMissing')
  const elsewhere = { ...settled, account: { ...known, server: 'https://other.example' } }
  assert.equal(decided({ account: gone }, elsewhere), 'stalled AccountKeyMissing')
  assert.equal(decided({}, elsewhere), 'ask register')
  assert.equal(decided({ account: next }), 'ask register', 'another key than the known one')
})

test('decide() waits until its time, but not with other inputs', () => {
  const retry = { failures: 1, againAt: at(minute), inputs: 'now' }
  assert.equal(decided({}, { ...settled, retry }), `later ${nowMs + minute}`)
  assert.equal(decided({ inputs: 'other' }, { ...settled, retry }), 'ask check')
  assert.equal(decided({ nowMs: nowMs + minute }, { ...settled, retry }), 'ask check')
  assert.equal(decided({}, { retry }), `later ${nowMs + minute}`)
})

test('decide() tells the CA another contact', () => {
  const other = { ...settled, account: { ...known, email: 'old@example.com' } }
  assert.equal(decided({}, other), 'ask contact')
})

test('decide() takes the steps of replacing a key one by one', () => {
  const wish = { annotations: { 'strongroom.dev/roll-over-account-key': 'now' } }
  const wished = (status: StrongroomIssuerStatus = settled) => issuer({ metadata: wish, status })
  assert.equal(decided({ resource: wished() }), 'stage-key now')
  const ours = { staged: next, isStagedOurs: true }
  assert.equal(decided({ resource: wished(), ...ours }), 'ask roll-over')
  const stagedSecret = secret('public-next-account', {}, wish)
  const inUse = { account: next, stagedSecret, resource: wished(), ...ours }
  assert.deepEqual(decide(observed(inUse)), { kind: 'unstage', value: 'now' })
  const done = { ...settled, account: { ...known, rolledOver: 'now' } }
  assert.equal(decided({ resource: wished(done) }), `ready ${nowMs + 59 * minute}`)
})

test('decide() touches no staged Secret of somebody else, and drops one that is for no account', () => {
  assert.equal(decided({ staged: next }), 'stalled SecretOwnedByOther')
  assert.equal(decided({ staged: next, isStagedOurs: true }, {}), 'unstage')
  const damaged = { kind: 'damaged', secretName: 'n', message: 'x' } as const
  assert.equal(decided({ staged: damaged, isStagedOurs: true }), 'stalled AccountKeyDamaged')
})

test('decide() never replaces a key in a Secret that was not made for the issuer, and asks the CA for nothing', () => {
  const wish = { annotations: { 'strongroom.dev/roll-over-account-key': 'now' } }
  const resource = issuer({ metadata: wish, status: settled })
  const theirs = { resource, isAccountOurs: false }
  assert.equal(decided(theirs), 'stalled SecretOwnedByOther')
  const staged = { staged: next, isStagedOurs: true }
  assert.equal(decided({ ...theirs, ...staged }), 'stalled SecretOwnedByOther')
  assert.match(decided({ isAccountOurs: false }), /^ready/, 'it is used as it is')
  assert.equal(decided({ secretRefused: 'x' }), 'stalled SecretNotAllowed')
})

test('decide() names what keeps an issuer from working', () => {
  const damaged = { kind: 'damaged', secretName: 'n', message: 'x' } as const
  assert.equal(decided({ account: damaged }), 'stalled AccountKeyDamaged')
  const binding = { kind: 'missing', message: 'x' } as const
  assert.equal(decided({ binding }), 'stalled SecretMissing')
  assert.equal(decided({ solverTrouble: 'x' }), 'stalled SecretMissing')
  const both = issuer({ spec: { ...issuer().spec, ca: { secretRef: { name: 'a' } } } })
  assert.equal(decided({ resource: both }), 'stalled InvalidSpec')
  assert.equal(decided({ resource: issuer({ spec: {} }) }), 'stalled InvalidSpec')
  assert.equal(
    decided({ resource: issuer({ acme: { server: 'http://a' } }) }),
    'stalled InvalidSpec',
  )
  const resource = issuer({ spec: { ca: { secretRef: { name: 'a' } } } })
  const authority = (reason: 'NotYetValid' | 'Expired') =>
    ({ kind: 'unusable', reason, message: 'x' }) as const
  assert.equal(decided({ resource, authority: authority('NotYetValid') }), 'wait NotYetValid')
  assert.equal(decided({ resource, authority: authority('Expired') }), 'stalled Expired')
})

test('knownAccount() is the one at the CA that is named now', () => {
  assert.equal(knownAccount(observed())?.url, known.url)
  const elsewhere = { account: { ...known, server: 'https://other.example' } }
  assert.equal(knownAccount(observed({}, elsewhere)), undefined)
})

test('each check has its own name, and looks alone', () => {
  assert.equal(new Set(checks.map(({ name }) => name)).size, checks.length)
})
