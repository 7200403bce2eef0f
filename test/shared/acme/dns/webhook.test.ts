import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webhook } from '#shared/acme/dns/webhook.ts'
import { webhookServer } from '#test/support/dns-providers.ts'
import { testAuthority } from '#test/support/https-server.ts'

const authority = await testAuthority()
const signal = new AbortController().signal
const nowMs = Date.UTC(2026, 0, 1)
const name = '_acme-challenge.db.example.com'
const record = { domain: 'db.example.com', name, value: 'value-1' }

function provider(
  port: number,
  { key = 'webhook-key', authentication = 'Hmac' as 'Hmac' | 'Bearer', zone = 'example.com' } = {},
) {
  const config = { url: `https://localhost:${port}/dns`, caBundle: authority.pem, authentication }
  return webhook(config, key, {
    clock: { now: () => nowMs },
    zoneOf: () => Promise.resolve(zone === '' ? undefined : zone),
  })
}

for (const authentication of ['Hmac', 'Bearer'] as const) {
  test(`webhook() puts and removes one value, proven by ${authentication}`, async () => {
    await using server = await webhookServer(authority, { nowMs })
    const { put, remove } = provider(server.port, { authentication })
    await put(record, signal)
    await put({ ...record, value: 'value-2' }, signal)
    await put(record, signal)
    await remove(record, signal)
    assert.deepEqual([...server.records], [`${name} value-2`])
    const sent = JSON.stringify(server.asked.map(({ headers }) => headers))
    assert.equal(sent.includes('webhook-key'), authentication === 'Bearer')
  })
}

test('webhook() sends what the contract says, with the same uid for the same record', async () => {
  await using server = await webhookServer(authority, { nowMs })
  const { put, remove } = provider(server.port)
  await put(record, signal)
  await remove(record, signal)
  await provider(server.port, { zone: '' }).put({ ...record, value: 'value-2' }, signal)
  const [first, second, third] = server.asked.map(({ body }) => JSON.parse(body))
  assert.match(first.uid, /^[0-9a-f]{32}$/)
  const { uid } = first
  assert.deepEqual(first, {
    action: 'present',
    fqdn: name,
    zone: 'example.com',
    value: 'value-1',
    uid,
  })
  assert.deepEqual(second, { ...first, action: 'cleanup' })
  assert.equal(third.zone, null)
  assert.notEqual(third.uid, uid)
  assert.deepEqual([server.asked[0]?.method, server.asked[0]?.url], ['POST', '/dns'])
})

test("webhook() repeats the webhook's words, without the key", async () => {
  await using server = await webhookServer(authority, { nowMs, key: 'other' })
  for (const authentication of ['Hmac', 'Bearer'] as const) {
    await assert.rejects(provider(server.port, { authentication }).put(record, signal), {
      code: 'DnsProviderFailed',
      message: /answered 401: wrong key, not other\. Give both ends the same key$/,
    })
  }
})

test('webhook() goes nowhere without a key, or without https', () => {
  const means = { clock: { now: () => nowMs }, zoneOf: () => Promise.resolve(undefined) }
  assert.throws(() => webhook({ url: 'https://a' }, '', means), { code: 'DnsSolverInvalid' })
  assert.throws(() => webhook({ url: 'http://a' }, 'k', means), { code: 'DnsSolverInvalid' })
})
