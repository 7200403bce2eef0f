/** Against a stand-in for acme-dns that checks the account and keeps two values, not the real program. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acmeDns } from '#shared/acme/dns/acme-dns.ts'
import { acmeDnsAccount, acmeDnsServer } from '#test/support/dns-providers.ts'
import { testAuthority } from '#test/support/https-server.ts'

const authority = await testAuthority()
const signal = new AbortController().signal
const values = ['a', 'b', 'c'].map((letter) => letter.repeat(43))
const [first = '', second = ''] = values
const record = { domain: 'db.example.com', name: '_acme-challenge.db.example.com', value: first }

function provider(port: number, shown: readonly string[] = [], account = acmeDnsAccount) {
  const accounts = JSON.stringify({ 'DB.example.com': account })
  const config = { url: `https://localhost:${port}/base/`, caBundle: authority.pem }
  return acmeDns(config, accounts, {
    shows: (name, value) =>
      Promise.resolve(name === acmeDnsAccount.fulldomain && shown.includes(value)),
  })
}

test("acmeDns() sets the value with the name's account, and takes nothing away", async () => {
  await using server = await acmeDnsServer(authority)
  const { put, remove } = provider(server.port)
  await put(record, signal)
  await put({ ...record, value: second }, signal)
  await remove(record, signal)
  assert.deepEqual(server.values, [first, second])
})

test('acmeDns() sends nothing that is there already: it would push out the other value', async () => {
  await using server = await acmeDnsServer(authority)
  server.values.push(first, second)
  await provider(server.port, server.values).put({ ...record, value: second }, signal)
  assert.deepEqual(server.values, [first, second])
})

test("acmeDns() repeats the server's words, without the password", async () => {
  await using server = await acmeDnsServer(authority)
  const wrong = { ...acmeDnsAccount, password: 'wrong-password' }
  await assert.rejects(provider(server.port, [], wrong).put(record, signal), {
    code: 'DnsProviderFailed',
    message:
      'Cannot set the TXT record of d420.auth.test (acme-dns): it answered 401: forbidden. ' +
      'Check username, password, subdomain and allowed addresses (allowfrom) of the account',
  })
})

test('acmeDns() says which account is missing, and what to do', async () => {
  await using server = await acmeDnsServer(authority)
  await assert.rejects(provider(server.port).put({ ...record, domain: 'x.test' }, signal), {
    code: 'DnsSolverInvalid',
    message: /no acme-dns account for x\.test\. Register .* _acme-challenge\.x\.test be a CNAME/,
  })
})

test('acmeDns() repeats nothing of accounts that it cannot read', () => {
  for (const text of ['{"hush', '["hush"]', '{"a": {"password": "hush"}}']) {
    assert.throws(
      () => acmeDns({ url: 'https://a' }, text, { shows: () => Promise.resolve(false) }),
      (error: Error) => /cannot be read/.test(error.message) && !error.message.includes('hush'),
    )
  }
})
