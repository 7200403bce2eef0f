import assert from 'node:assert/strict'
import { test } from 'node:test'
import { open } from '#server/access/actions.ts'
import { listen, takePort } from '#server/start/listening.ts'
import { exchange, tcpSocket } from '#test/support/http-calls.ts'
import { routeServer } from '#test/support/route-server.ts'

const anyPort = { scheme: 'http', host: '127.0.0.1', port: 0 } as const
const request = 'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n'

/** A server whose one route answers when it is told to. */
async function slowServer() {
  const gate = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  const handle = async () => {
    entered.resolve()
    await gate.promise
    return { done: true }
  }
  const app = await routeServer([{ method: 'GET', path: '/slow', action: open, handle }])
  return { app, gate, entered }
}

test('listen() answers the port that was taken', async () => {
  const { app } = await slowServer()
  const listening = await listen(app, await takePort(anyPort))
  assert(listening.address.port > 0)
  await listening.stop()
})

test('takePort() on a port that is taken is a coded error with the URL', async () => {
  const { app } = await slowServer()
  const listening = await listen(app, await takePort(anyPort))
  await assert.rejects(takePort(listening.address), {
    code: 'ListenFailed',
    message: /EADDRINUSE/,
  })
  await listening.stop()
})

test('takePort() sends away whoever comes before the server listens, and gives the port back', async () => {
  const door = await takePort(anyPort)
  const socket = await tcpSocket(door.address.port)
  await new Promise((resolve) => socket.once('close', resolve).on('error', () => undefined))
  await door[Symbol.asyncDispose]()
  const again = await takePort(door.address)
  await again[Symbol.asyncDispose]()
})

test('stop() answers what is under way, refuses what comes new, and cuts idle connections', async () => {
  const { app, gate, entered } = await slowServer()
  const listening = await listen(app, await takePort(anyPort))
  const { port } = listening.address
  const idle = exchange(await tcpSocket(port), '', 10_000)
  const answer = exchange(await tcpSocket(port), request, 10_000)
  await entered.promise
  const stopped = listening.stop()
  await assert.rejects(tcpSocket(port), { code: 'ECONNREFUSED' })
  gate.resolve()
  assert.match(await answer, /\{"done":true\}/)
  await stopped
  await idle
})

test('stop() cuts what does not end in time', async () => {
  const { app, entered } = await slowServer()
  const listening = await listen(app, await takePort(anyPort))
  const { port } = listening.address
  const answer = exchange(await tcpSocket(port), request, 10_000)
  await entered.promise
  const started = performance.now()
  await listening.stop(50)
  assert(performance.now() - started < 5_000)
  assert.equal(await answer, '')
})
