import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { open } from '#server/access/actions.ts'
import {
  sendFound,
  sendJson,
  sendMissing,
  sendPieces,
  sendUnchanged,
} from '#server/http/answers.ts'
import type { Route } from '#server/http/route.ts'
import { answerTimeoutMs, wholeAnswerBytesMax } from '#server/limits.ts'
import { routeApp } from '#test/support/database-app.ts'
import { portOf, tcpSocket } from '#test/support/http-calls.ts'
import { routeServer } from '#test/support/route-server.ts'

const json = 'application/json; charset=utf-8'

async function answer(handle: Route['handle'], method: 'GET' | 'HEAD' = 'GET') {
  const path = '/databases/:database/x'
  await using app = await routeApp([{ method, path, action: open, handle }])
  const { status, headers, text } = await app.call(method, 'x')
  return [status, headers['content-type'], headers['content-length'], headers.etag, text]
}

test('sendJson() sends what is ready', async () => {
  const sent = await answer((_request, reply) =>
    sendJson(reply, Buffer.from('{"a":1}'), { status: 201, etag: '"e"' }),
  )
  assert.deepEqual(sent, [201, json, '7', '"e"', '{"a":1}'])
})

test('sendMissing(), sendUnchanged() and sendFound() have no body', async () => {
  assert.deepEqual(await answer((_request, reply) => sendMissing(reply)), [
    404,
    json,
    '0',
    undefined,
    '',
  ])
  assert.deepEqual(await answer((_request, reply) => sendUnchanged(reply)), [
    ...[304, json, undefined, undefined, ''],
  ])
  assert.deepEqual(await answer((_request, reply) => sendFound(reply, '"e"'), 'HEAD'), [
    ...[200, json, undefined, '"e"', ''],
  ])
})

test('sendPieces() sends a short answer whole and a long one as a stream', async () => {
  for (const [count, length] of [
    [1, '4'],
    [5, '20'],
    [wholeAnswerBytesMax / 4, String(wholeAnswerBytesMax)],
    [wholeAnswerBytesMax / 4 + 1, undefined],
    [wholeAnswerBytesMax, undefined],
  ] as const) {
    const pieces = Array.from({ length: count }, () => Buffer.from('1234'))
    const sent = await answer((_request, reply) => sendPieces(reply, pieces, '"e"'))
    assert.deepEqual(sent, [200, json, length, '"e"', '1234'.repeat(count)])
  }
})

test('sendPieces() lets go of its source when it cannot be read', async () => {
  let isReleased = false
  async function* broken() {
    try {
      yield Buffer.from('x')
      throw new Error('damaged')
    } finally {
      isReleased = true
    }
  }
  const [status] = await answer((_request, reply) => sendPieces(reply, broken(), '"e"'))
  assert.equal(status, 500)
  assert.ok(isReleased)
})

test('sendPieces() cuts a reader that takes too long, and lets go of what it reads from', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let isReleased = false
  async function* endless() {
    try {
      for (;;) yield Buffer.alloc(wholeAnswerBytesMax)
    } finally {
      isReleased = true
    }
  }
  const handle: Route['handle'] = (_request, reply) => sendPieces(reply, endless(), '"e"')
  const app = await routeServer([{ method: 'GET', path: '/x', action: open, handle }])
  await app.listen({ port: 0, host: '127.0.0.1' })
  try {
    const socket = (await tcpSocket(portOf(app.server))).pause()
    socket.write('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n')
    while (socket.readableLength === 0) await new Promise((resolve) => setImmediate(resolve))
    t.mock.timers.tick(answerTimeoutMs - 1)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(isReleased, false)
    t.mock.timers.tick(1)
    socket.resume()
    await once(socket, 'close')
    assert.equal(isReleased, true)
  } finally {
    await app.close()
  }
})
