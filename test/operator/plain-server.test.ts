import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { plainServer } from '#operator/plain-server.ts'

test('plainServer() answers on the port that it says', async () => {
  await using server = await plainServer({ port: 0 }, (_, answer) => answer.end('here'))
  const answer = await fetch(`http://127.0.0.1:${server.port}/`)
  assert.equal(await answer.text(), 'here')
})

test('plainServer() says that a port is taken', async () => {
  await using server = await plainServer({ port: 0 }, (_, answer) => answer.end())
  await assert.rejects(
    plainServer({ port: server.port }, (_, answer) => answer.end()),
    { code: 'EADDRINUSE' },
  )
})

test('plainServer() ends while somebody is still connected', async () => {
  const server = await plainServer({ port: 0 }, () => undefined)
  const caller = connect(server.port, '127.0.0.1')
  await once(caller, 'connect')
  caller.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  const cut = closed(caller)
  await server[Symbol.asyncDispose]()
  await cut
})

test('plainServer() lets in no more than it is told', async () => {
  await using server = await plainServer({ port: 0, connectionsMax: 1 }, (_, answer) =>
    answer.end(),
  )
  const first = connect(server.port, '127.0.0.1')
  await once(first, 'connect')
  await closed(connect(server.port, '127.0.0.1'))
  assert.equal(first.destroyed, false)
  first.destroy()
})

/** However the other side ends it. */
function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined)
  return new Promise((resolve) => socket.once('close', () => resolve()))
}
