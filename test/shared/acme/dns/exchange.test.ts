import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overTcp, overUdp } from '#shared/acme/dns/exchange.ts'
import { dnsServer } from '#test/support/dns-server.ts'

const forever = new AbortController().signal
const bytes = Buffer.alloc(12, 0)

test('overTcp() sends a message behind its length and puts the answer together', async () => {
  await using server = await dnsServer((question) =>
    Buffer.concat([question.bytes, Buffer.from('answer')]),
  )
  const answer = await overTcp(server.endpoint, bytes, forever)
  assert.deepEqual(answer, Buffer.concat([bytes, Buffer.from('answer')]))
})

test('overTcp() says when the server hangs up, and when nobody listens', async () => {
  const server = await dnsServer(() => undefined)
  await assert.rejects(overTcp(server.endpoint, bytes, forever), /closed the connection|ECONNRESET/)
  await server[Symbol.asyncDispose]()
  await assert.rejects(overTcp(server.endpoint, bytes, forever), /ECONNREFUSED/)
})

test('overTcp() and overUdp() end with their signal', async () => {
  await using server = await dnsServer(() => undefined)
  const ended = AbortSignal.abort(new Error('told to stop'))
  await assert.rejects(overTcp(server.endpoint, bytes, ended), /told to stop/)
  const request = { bytes, belongs: () => true }
  await assert.rejects(overUdp(server.endpoint, request, ended), /told to stop/)
  const soon = AbortSignal.timeout(30)
  await assert.rejects(overUdp(server.endpoint, request, soon), { name: 'TimeoutError' })
})

test('overUdp() waits for the answer that belongs to the question', async () => {
  const numbers = [1, 2]
  await using server = await dnsServer(() => Buffer.of(numbers.shift() ?? 0))
  const other = { bytes, belongs: (answer: Buffer) => answer[0] === 2 }
  await assert.rejects(overUdp(server.endpoint, other, AbortSignal.timeout(50)))
  assert.deepEqual(await overUdp(server.endpoint, other, forever), Buffer.of(2))
})

test('overUdp() says when nobody listens', async () => {
  const server = await dnsServer(() => undefined)
  await server[Symbol.asyncDispose]()
  const request = { bytes, belongs: () => true }
  await assert.rejects(overUdp(server.endpoint, request, AbortSignal.timeout(2000)), /ECONNREFUSED/)
})
