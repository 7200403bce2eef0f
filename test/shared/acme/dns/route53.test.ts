/** Against a stand-in for Route 53 that checks signatures and keeps record sets, not the real service. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { route53 } from '#shared/acme/dns/route53.ts'
import { awsCredentials, route53Server } from '#test/support/dns-providers.ts'
import { testAuthority } from '#test/support/https-server.ts'

const authority = await testAuthority()
const signal = new AbortController().signal
const nowMs = Date.UTC(2026, 0, 1)
const clock = { now: () => nowMs }
const name = '_acme-challenge.db.example.com'
const record = { domain: 'db.example.com', name, value: 'value-1' }
const other = { ...record, value: 'value-2' }

function provider(port: number, { secret = awsCredentials.secretAccessKey, zone = '' } = {}) {
  return route53(
    {
      accessKeyId: awsCredentials.accessKeyId,
      url: `https://localhost:${port}`,
      caBundle: authority.pem,
      ...(zone === '' ? {} : { hostedZoneId: zone }),
    },
    { awsSecretAccessKey: secret, awsSessionToken: awsCredentials.sessionToken },
    { clock },
  )
}

test('route53() keeps the other values of the name, and what was there before us', async () => {
  await using server = await route53Server(authority, { nowMs })
  server.sets.set(`${name}.`, { ttl: '7', values: ['"somebody else"'] })
  const { put, remove } = provider(server.port)
  await put(record, signal)
  await put(other, signal)
  await put(record, signal)
  const values = () => server.sets.get(`${name}.`)
  assert.deepEqual(values(), { ttl: '7', values: ['"somebody else"', '"value-1"', '"value-2"'] })
  await remove(record, signal)
  await remove(record, signal)
  assert.deepEqual(values(), { ttl: '7', values: ['"somebody else"', '"value-2"'] })
})

test('route53() makes the set for the first value and deletes it with the last', async () => {
  await using server = await route53Server(authority, { nowMs })
  server.sets.set('z.example.com.', { ttl: '1', values: ['"later in the alphabet"'] })
  const { put } = provider(server.port, { zone: 'ZPUBLIC' })
  await put(record, signal)
  assert.deepEqual(server.sets.get(`${name}.`), { ttl: '60', values: ['"value-1"'] })
  await provider(server.port, { zone: '/hostedzone/ZPUBLIC' }).remove(record, signal)
  assert.deepEqual([...server.sets.keys()], ['z.example.com.'])
  assert.ok(server.asked.every(({ url }) => !url.includes('hostedzonesbyname')))
})

test('route53() does it again where somebody else changed the set in between, and loses nothing', async () => {
  let left = 3
  await using server = await route53Server(authority, {
    nowMs,
    before: ({ sets }) => {
      left -= 1
      if (left < 0) return
      const values = sets.get(`${name}.`)?.values ?? []
      sets.set(`${name}.`, { ttl: '60', values: [...values, `"theirs-${left}"`] })
    },
  })
  await provider(server.port).put(record, signal)
  const values = ['"theirs-2"', '"theirs-1"', '"theirs-0"', '"value-1"']
  assert.deepEqual(server.sets.get(`${name}.`)?.values, values)
})

test('route53() gives up where it is never fast enough, with the words of Route 53', async () => {
  let count = 0
  await using server = await route53Server(authority, {
    nowMs,
    before: ({ sets }) => {
      count += 1
      sets.set(`${name}.`, { ttl: '60', values: [`"${count}"`] })
    },
  })
  await assert.rejects(
    provider(server.port).put(record, signal),
    /answered 400: InvalidChangeBatch: Tried to change 'TXT' but it differs/,
  )
  assert.equal(count, 5)
})

test('route53() writes two values at once without losing one', async () => {
  await using server = await route53Server(authority, { nowMs })
  const { put } = provider(server.port)
  await Promise.all([put(record, signal), put(other, signal)])
  assert.equal(server.sets.get(`${name}.`)?.values.length, 2)
})

test('route53() takes public zones alone, and asks which of several', async () => {
  await using server = await route53Server(authority, { nowMs })
  const { put } = provider(server.port)
  const twice = { ...record, name: '_acme-challenge.twice.test' }
  await assert.rejects(put(twice, signal), { code: 'DnsSolverInvalid', message: /several .*twice/ })
  const lost = { ...record, name: '_acme-challenge.lost.test' }
  await assert.rejects(put(lost, signal), { code: 'DnsZoneNotFound' })
})

test('route53() says what is wrong with the key, without it', async () => {
  await using server = await route53Server(authority, { nowMs })
  await assert.rejects(provider(server.port, { secret: 'wrong' }).put(record, signal), {
    code: 'DnsProviderFailed',
    message: /answered 403: SignatureDoesNotMatch: not …\. Allow the key .* and the clock$/,
  })
  assert.throws(() => route53({ accessKeyId: 'a' }, {}, { clock }), { code: 'DnsSolverInvalid' })
})
