/** Against a stand-in for Cloudflare's API, not the real one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudflare } from '#shared/acme/dns/cloudflare.ts'
import { cloudflareServer } from '#test/support/dns-providers.ts'
import { json, testAuthority, tlsServer } from '#test/support/https-server.ts'

const authority = await testAuthority()
const signal = new AbortController().signal
const name = '_acme-challenge.db.example.com'
const record = { domain: 'db.example.com', name, value: 'value-1' }
const other = { ...record, value: 'value-2' }

function provider(port: number, token = 'cf-token', zoneId?: string) {
  const url = `https://localhost:${port}/client/v4`
  return cloudflare(
    { url, caBundle: authority.pem, ...(zoneId === undefined ? {} : { zoneId }) },
    token,
  )
}

test('cloudflare() adds each value once and deletes only that one', async () => {
  await using server = await cloudflareServer(authority)
  const { put, remove } = provider(server.port)
  await put(record, signal)
  await put(other, signal)
  await put(record, signal)
  assert.deepEqual(server.texts(), [`${name} "value-1"`, `${name} "value-2"`])
  await remove(record, signal)
  await remove(record, signal)
  assert.deepEqual(server.texts(), [`${name} "value-2"`])
})

test('cloudflare() finds a value on a later page, with quotes or without', async () => {
  await using server = await cloudflareServer(authority, { perPage: 2 })
  for (const content of ['a', 'b', 'c', 'd', 'value-1']) server.add(name, content)
  const { put, remove } = provider(server.port)
  await put(record, signal)
  assert.equal(server.texts().length, 5)
  await remove(record, signal)
  assert.equal(server.texts().length, 4)
})

test('cloudflare() walks up to the zone, or takes the one it is given', async () => {
  await using server = await cloudflareServer(authority)
  await provider(server.port).put(record, signal)
  const walked = server.asked.filter(({ url }) => url.includes('/zones?'))
  assert.deepEqual(
    walked.map(({ url }) => new URL(url, 'https://x').searchParams.get('name')),
    ['db.example.com', 'example.com'],
  )
  server.asked.length = 0
  await provider(server.port, 'cf-token', '0123456789abcdef0123456789abcdef').remove(record, signal)
  assert.ok(server.asked.every(({ url }) => !url.includes('/zones?')))
  const lost = { ...record, name: '_acme-challenge.other.test' }
  await assert.rejects(provider(server.port).put(lost, signal), { code: 'DnsZoneNotFound' })
})

test('cloudflare() takes it as done where somebody was faster', async () => {
  await using server = await cloudflareServer(authority)
  await using faster = await tlsServer(await authority.server(), (asked, answer) =>
    asked.method === 'POST'
      ? json(answer, 400, {
          errors: [{ code: 81058, message: 'An identical record already exists.' }],
        })
      : json(answer, 200, { result: [] }),
  )
  await provider(faster.port, 'cf-token', 'abc').put(record, signal)
  assert.equal(server.asked.length, 0)
})

test("cloudflare() repeats Cloudflare's words, without the token", async () => {
  await using server = await cloudflareServer(authority)
  await assert.rejects(provider(server.port, 'wrong-token').put(record, signal), {
    code: 'DnsProviderFailed',
    message:
      `Cannot find the zone of ${name} (Cloudflare): it answered 403: Invalid access token Bearer … (9109). ` +
      'Give the API token Zone:Read and DNS:Edit for this zone',
  })
})

test('cloudflare() takes nothing for an answer that is none', async () => {
  await using server = await tlsServer(await authority.server(), (_, answer) =>
    answer.end('<html>'),
  )
  await assert.rejects(
    provider(server.port).put(record, signal),
    /it answered 200: which is no answer/,
  )
})

test('cloudflare() needs a token', () => {
  assert.throws(() => cloudflare({}, undefined), { code: 'DnsSolverInvalid' })
})
