import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HttpsClient, HttpsFailure } from '#shared/acme/https.ts'
import { egressBy, unreachableText } from '#shared/egress.ts'
import { type Answer, json, testAuthority, tlsServer } from '#test/support/https-server.ts'

const authority = await testAuthority()
const terms = { trust: authority.pem, timeoutMs: 2000, answerBytesMax: 1000 }
const serve = async (answer: Answer) => tlsServer(await authority.server(), answer)

test('HttpsClient sends what it was given and gives back any status', async () => {
  await using server = await serve((_, answer) => json(answer, 404, { found: false }))
  const answer = await new HttpsClient(terms).call({
    method: 'PUT',
    url: `https://localhost:${server.port}/a?b=c`,
    headers: { 'x-one': '1' },
    body: 'däta',
  })
  assert.equal(answer.status, 404)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.deepEqual(JSON.parse(String(answer.body)), { found: false })
  const [asked] = server.asked
  assert.deepEqual([asked?.method, asked?.url, asked?.body], ['PUT', '/a?b=c', 'däta'])
  assert.equal(asked?.headers['x-one'], '1')
  assert.equal(asked?.headers['content-length'], '5')
})

test('HttpsClient follows no redirect: it may lead anywhere', async () => {
  await using server = await serve((_, answer) =>
    answer.writeHead(302, { location: '/other' }).end(),
  )
  const client = new HttpsClient(terms)
  const answer = await client.call({ method: 'GET', url: `https://localhost:${server.port}/` })
  assert.equal(answer.status, 302)
  assert.equal(server.asked.length, 1)
})

test('HttpsClient trusts the given authority alone', async () => {
  await using server = await serve((_, answer) => answer.end())
  const other = await testAuthority('Other CA')
  for (const trust of [other.pem, undefined]) {
    await assert.rejects(
      new HttpsClient({ ...terms, trust }).call({
        method: 'GET',
        url: `https://localhost:${server.port}/`,
      }),
      /HttpsFailure: https:\/\/localhost:\d+ does not answer: .*(?:certificate|verify)/,
    )
  }
  assert.equal(server.asked.length, 0)
})

test('HttpsClient goes only where it may, and tells nobody but the log what listens elsewhere', async () => {
  await using server = await serve((_, answer) => answer.end('x'.repeat(1001)))
  const other = await testAuthority('Other CA')
  const noted: string[] = []
  const note = (_: string, reason: string) => void noted.push(reason)
  const closed = egressBy({ denied: [], allowed: [], note })
  const open = egressBy({ denied: [], allowed: ['127.0.0.0/8', '::1/128'], note })
  const said = async (url: string, more: Partial<ConstructorParameters<typeof HttpsClient>[0]>) => {
    const client = new HttpsClient({ ...terms, ...more })
    const error: Error = await client.call({ method: 'GET', url }).then(
      () => assert.fail('it answered'),
      (failed) => failed,
    )
    return error.message.replace(/^https:\S+ /, '')
  }
  const at = `localhost:${server.port}`
  const texts = [
    await said(`https://${at}/`, { egress: closed }),
    await said(`https://127.0.0.1:${server.port}/`, { egress: closed }),
    await said(`https://[::ffff:127.0.0.1]:${server.port}/`, { egress: closed }),
    // Refused by nobody, by who verifies, by the length, by the time.
    await said('https://localhost:1/', { egress: open }),
    await said(`https://${at}/`, { egress: open, trust: other.pem }),
    await said(`https://${at}/`, { egress: open }),
    await said(`https://${at}/`, { egress: open, timeoutMs: 0 }),
  ]
  assert.deepEqual([...new Set(texts)], [`does not answer: ${unreachableText}`])
  assert.match(
    noted.join('\n'),
    /no address that may be[\s\S]*refused[\s\S]*ECONNREFUSED[\s\S]*certificate[\s\S]*longer than/,
  )
  assert.equal(server.asked.length, 1, 'only where it may, and is trusted')
})

test('HttpsClient reads no more than the bound', async () => {
  await using server = await serve((_, answer) => answer.end('x'.repeat(1001)))
  await assert.rejects(
    new HttpsClient(terms).call({ method: 'GET', url: `https://localhost:${server.port}/` }),
    /longer than 1000 bytes/,
  )
})

test('HttpsClient waits no longer than the bound, also for a body that stops', async () => {
  for (const silent of [
    () => undefined,
    (_: unknown, answer: import('node:http').ServerResponse) => void answer.write('a'),
  ]) {
    await using server = await serve(silent)
    await assert.rejects(
      new HttpsClient({ ...terms, timeoutMs: 200 }).call({
        method: 'GET',
        url: `https://localhost:${server.port}/`,
      }),
      /gave no whole answer within 0\.2 s/,
    )
  }
})

test('HttpsClient ends with the reason of its caller', async () => {
  await using server = await serve(() => stop.abort(new Error('told to stop')))
  const stop = new AbortController()
  const url = `https://localhost:${server.port}/`
  const call = new HttpsClient(terms).call({ method: 'GET', url, signal: stop.signal })
  await assert.rejects(call, /told to stop/)
})

test('HttpsClient keeps a connection where it is told to', async () => {
  await using server = await serve((_, answer) => answer.end('1'))
  const client = new HttpsClient({ ...terms, keepAlive: true })
  for (let count = 0; count < 2; count += 1) {
    await client.call({ method: 'GET', url: `https://localhost:${server.port}/` })
  }
  assert.equal(server.asked[0]?.headers.connection, 'keep-alive')
  client.close()
})

test('HttpsClient names neither path nor query nor user in its errors', async () => {
  for (const url of [
    'https://127.0.0.1:1/hush?key=hush',
    'https://hush:hush@127.0.0.1:1/',
    'http://127.0.0.1:1/hush',
    'hush',
  ]) {
    const error = await new HttpsClient(terms).call({ method: 'GET', url }).catch((e) => e)
    assert.ok(error instanceof HttpsFailure, url)
    assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /hush/)
  }
})
