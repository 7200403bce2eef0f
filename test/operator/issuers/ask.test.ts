import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { readAccountKey } from '#operator/issuers/account-key.ts'
import { ask } from '#operator/issuers/ask.ts'
import type { Observed } from '#operator/issuers/observe.ts'
import type { AcmeAccess } from '#shared/acme/acme-api.ts'
import { HttpsFailure } from '#shared/acme/https.ts'
import { year2026 as nowMs } from '#test/support/certificates.ts'
import { FakeCa, problem } from '#test/support/fake-accounts.ts'
import { issuer, secret } from '#test/support/resources.ts'

const keyOf = (name: string) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
  return readAccountKey(secret(name, { 'tls.key': String(pem) }), name)
}
const account = keyOf('public-account')
const staged = keyOf('public-next-account')
const observed = (given: Partial<Observed> = {}) =>
  ({ nowMs, resource: issuer(), account, staged, binding: { kind: 'none' }, ...given }) as Observed

async function registered(ca: FakeCa): Promise<Observed> {
  const answer = await ask('register', observed(), ca.connect)
  assert.ok(answer.kind === 'account')
  return observed({ resource: issuer({ status: { account: answer.account } }) })
}

test('ask() finds before it registers, so that whoever was killed makes no second account', async () => {
  const ca = new FakeCa()
  const first = await ask('register', observed(), ca.connect)
  const second = await ask('register', observed(), ca.connect)
  assert.ok(first.kind === 'account' && second.kind === 'account')
  assert.deepEqual([first.created, second.created], [true, false])
  assert.equal(first.account.url, second.account.url)
  assert.deepEqual(
    ca.asked.filter((what) => what !== 'directory'),
    ['find-account', 'new-account', 'find-account'],
  )
  assert.equal(ca.open, 0)
})

test('ask() replaces the key, and finds that it was replaced', async () => {
  const ca = new FakeCa()
  const known = await registered(ca)
  for (const expected of [1, 1]) {
    const answer = await ask('roll-over', known, ca.connect)
    assert.ok(answer.kind === 'account' && staged.kind === 'usable')
    assert.equal(answer.account.keyThumbprint, staged.thumbprint)
    assert.equal(ca.asked.filter((what) => what === 'key-change').length, expected)
  }
})

test('ask() speaks with the account, the authorities and the directory of the issuer', async () => {
  const ca = new FakeCa()
  const known = await registered(ca)
  const seen: Partial<AcmeAccess>[] = []
  const resource = issuer({ acme: { caBundle: 'PEM' }, status: known.resource.status })
  await ask('check', { ...known, resource }, (access) => {
    seen.push(access)
    return ca.connect(access)
  })
  const [{ directoryUrl, accountUrl, trust } = {}] = seen
  assert.deepEqual(
    [directoryUrl, accountUrl, trust],
    ['https://ca.example/directory', 'https://ca.example/account/1', 'PEM'],
  )
})

test('ask() names every refusal and closes what it opened', async () => {
  const cases = [
    ['directory', new HttpsFailure('https://ca.example', 'is away'), 'DirectoryUnreachable'],
    ['directory', problem('malformed', 'no such page', 404), 'DirectoryUnreachable'],
    ['account', problem('unauthorized', 'deactivated', 403), 'AccountDeactivated'],
    ['account', problem('serverInternal', 'x', 500), 'DirectoryUnreachable'],
  ] as const
  for (const [where, error, expected] of cases) {
    const ca = new FakeCa()
    const known = await registered(ca)
    ca.failures.set(where, error)
    const answer = await ask('check', known, ca.connect)
    assert.equal(answer.kind === 'trouble' && answer.halt.reason, expected)
    assert.equal(ca.open, 0)
  }
})

test('ask() asks for no issuer without an account', async () => {
  const ca = new FakeCa()
  const resource = issuer({ spec: { ca: { secretRef: { name: 'a' } } } })
  await assert.rejects(ask('check', observed({ resource }), ca.connect), TypeError)
  const gone = { kind: 'missing', secretName: 'a' } as const
  await assert.rejects(ask('check', observed({ account: gone }), ca.connect), TypeError)
})
