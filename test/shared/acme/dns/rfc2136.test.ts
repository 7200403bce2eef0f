/** What a healthy server never says; a real one is asked in test/flows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askServer } from '#shared/acme/dns/ask.ts'
import { rfc2136 } from '#shared/acme/dns/rfc2136.ts'
import { type Decoded, Flag, RecordClass, RecordType, txtContent } from '#shared/acme/dns/wire.ts'
import { type DnsQuestion, dnsServer, replyTo, rr } from '#test/support/dns-server.ts'

const signal = new AbortController().signal
const means = { clock: { now: () => Date.UTC(2026, 0, 1) }, ask: askServer }
const name = '_acme-challenge.db.example.com'
const record = { domain: 'db.example.com', name, value: 'value-1' }
const soa = rr('example.com', 'SOA', 'ns.example.com')
const secret = Buffer.alloc(32, 1).toString('base64')

/** A server of the zone `example.com` that does this with updates. */
function serve(answer: (question: DnsQuestion) => Buffer | undefined) {
  return dnsServer((question) => {
    const { message } = question
    if (message.opcode === 5) return answer(question)
    const answers = message.questions[0]?.name === soa.name ? [soa] : []
    return replyTo(message, { flags: Flag.answer | Flag.authoritative, answers })
  })
}

test('rfc2136() adds and deletes one value in the zone that the server has', async () => {
  const updates: Decoded[] = []
  await using server = await serve(({ message }) => {
    updates.push(message)
    return replyTo(message)
  })
  const { put, remove } = rfc2136({ server: `127.0.0.1:${server.endpoint.port}` }, undefined, means)
  await put(record, signal)
  await remove(record, signal)
  const content = txtContent('value-1')
  const txt = { name, type: RecordType.TXT, content }
  assert.deepEqual(
    updates.map(({ questions, authorities }) => [questions[0]?.name, ...authorities]),
    [
      ['example.com', { ...txt, class: RecordClass.IN, ttl: 60 }],
      ['example.com', { ...txt, class: RecordClass.NONE, ttl: 0 }],
    ],
  )
  assert.ok(server.ways.every((way) => way === 'tcp'))
})

test('rfc2136() asks for no zone where it is given one', async () => {
  await using server = await serve(({ message }) => replyTo(message))
  const config = { server: `127.0.0.1:${server.endpoint.port}`, zone: 'Example.COM.' }
  await rfc2136(config, undefined, means).put(record, signal)
  assert.equal(server.ways.length, 1)
})

test('rfc2136() takes no answer for a yes that is unsigned, forged, or to something else', async () => {
  const cases: readonly (readonly [(question: DnsQuestion) => Buffer | undefined, RegExp])[] = [
    [({ message }) => replyTo({ ...message, additionals: [] }), /its answer is not signed\. Check/],
    [({ message }) => replyTo(message, { additionals: [tsigOf(message)] }), /wrong signature/],
    [() => Buffer.alloc(4), /a message ends in its head/],
    [() => undefined, /closed the connection|ECONNRESET/],
    [({ message }) => replyTo({ ...message, id: message.id ^ 1 }), /to something else/],
    [({ message }) => replyTo(message, { rcode: 4 }), /takes no updates \(NOTIMP\)/],
  ]
  for (const [answer, expected] of cases) {
    await using server = await serve(answer)
    const config = { server: `127.0.0.1:${server.endpoint.port}`, tsigKeyName: 'k.test' }
    const error = await rfc2136(config, secret, means)
      .put(record, signal)
      .catch((e) => e)
    assert.equal(error.code, 'DnsUpdateFailed')
    assert.match(error.message, expected)
    assert.match(
      error.message,
      /^Cannot change the TXT record of _acme-challenge\.db\.example\.com at 127/,
    )
  }
})

/** The signature of the question, sent back. */
function tsigOf(message: Decoded) {
  const record = message.additionals.at(-1)
  assert.ok(record !== undefined)
  return record
}

test('rfc2136() says that the server has no zone, or does not run', async () => {
  const server = await dnsServer(({ message }) => replyTo(message, { rcode: 5 }))
  const config = { server: `127.0.0.1:${server.endpoint.port}` }
  const { put } = rfc2136(config, undefined, means)
  await assert.rejects(put(record, signal), /shows no zone that holds this name\. Give the primary/)
  await server[Symbol.asyncDispose]()
  await assert.rejects(put(record, signal), /ECONNREFUSED.*\. Check that the server runs/)
})

test('rfc2136() ends with the reason of its caller', async () => {
  await using server = await serve(({ message }) => replyTo(message))
  const { put } = rfc2136({ server: `127.0.0.1:${server.endpoint.port}` }, undefined, means)
  await assert.rejects(put(record, AbortSignal.abort(new Error('told to stop'))), /told to stop/)
})

test('rfc2136() refuses a server or a key that cannot be one', () => {
  assert.throws(() => rfc2136({ server: 'a b' }, secret, means), { code: 'DnsSolverInvalid' })
  for (const nothing of [undefined, '', '!!']) {
    const config = { server: 'a', tsigKeyName: 'k.test' }
    assert.throws(
      () => rfc2136(config, nothing, means),
      /secret of the TSIG key k\.test is missing/,
    )
  }
})
