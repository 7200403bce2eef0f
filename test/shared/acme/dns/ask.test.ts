import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Asking, askServer, NoAnswer } from '#shared/acme/dns/ask.ts'
import { Flag, RecordType } from '#shared/acme/dns/wire.ts'
import { dnsServer, replyTo, rr } from '#test/support/dns-server.ts'

const forever = new AbortController().signal
const question = { name: 'A.example.com', type: RecordType.TXT, recursion: false }
const records = [rr('a.example.com', 'TXT', 'text')]

test('askServer() asks by datagram, with recursion as told', async () => {
  const flags: number[] = []
  await using server = await dnsServer(({ message }) => {
    flags.push(message.flags)
    return replyTo(message, { answers: records })
  })
  for (const recursion of [false, true]) {
    const { endpoint } = server
    const answer = await askServer({ ...question, server: endpoint, recursion }, forever)
    assert.deepEqual(answer.answers, records)
  }
  assert.deepEqual(flags, [0, Flag.recursion])
  assert.deepEqual(server.ways, ['udp', 'udp'])
})

test('askServer() fetches over TCP what was too long for a datagram', async () => {
  await using server = await dnsServer(({ message, way }) =>
    way === 'tcp'
      ? replyTo(message, { answers: records })
      : replyTo(message, { flags: Flag.answer | Flag.truncated }),
  )
  const answer = await askServer({ ...question, server: server.endpoint }, forever)
  assert.deepEqual(answer.answers, records)
  assert.deepEqual(server.ways, ['udp', 'tcp'])
})

test('askServer() goes over TCP where it is told to', async () => {
  await using server = await dnsServer(({ message }) => replyTo(message))
  await askServer({ ...question, server: server.endpoint, tcpOnly: true }, forever)
  assert.deepEqual(server.ways, ['tcp'])
})

test('askServer() ignores datagrams that answer something else, and answers of another kind over TCP', async () => {
  const others: ((asking: Parameters<Parameters<typeof dnsServer>[0]>[0]) => Buffer)[] = [
    ({ message }) => replyTo({ ...message, id: message.id ^ 1 }),
    ({ message }) => replyTo(message, { questions: [{ name: 'b', type: 16, class: 1 }] }),
    ({ message }) => replyTo(message, { flags: 0 }),
    () => Buffer.from('no DNS'),
  ]
  for (const other of others) {
    await using server = await dnsServer(other)
    const tcp: Asking = { ...question, server: server.endpoint, tcpOnly: true }
    await assert.rejects(askServer(tcp, forever), /does not answer: its answer is to another/)
  }
})

test('askServer() says which server does not answer, and why', async () => {
  const server = await dnsServer(() => undefined)
  await server[Symbol.asyncDispose]()
  const error = await askServer({ ...question, server: server.endpoint }, forever).catch((e) => e)
  assert.ok(error instanceof NoAnswer)
  assert.match(error.message, /^127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED/)
})

test('askServer() ends with the reason of its caller', async () => {
  await using server = await dnsServer(() => undefined)
  const stop = new AbortController()
  const asking = askServer({ ...question, server: server.endpoint }, stop.signal)
  setTimeout(() => stop.abort(new Error('told to stop')), 20)
  await assert.rejects(asking, /told to stop/)
})
