import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { open } from '#server/access/actions.ts'
import { accessErrors } from '#server/access/errors.ts'
import type { Routes } from '#server/http/route.ts'
import { httpServer } from '#server/http/server.ts'

const routes: Routes = [
  {
    method: 'PUT',
    path: '/length',
    action: open,
    bodyBytesMax: 1_000_000,
    handle: (request) => ({ length: (request.body as Buffer).length }),
  },
  { method: 'GET', path: '/length', action: open, handle: () => ({ length: 0 }) },
]

/** A server whose callers are let in or not, and how many bytes it read of them. */
async function serving(
  admitted: boolean,
  work: (port: number, read: () => number) => Promise<void>,
) {
  const sockets: { readonly bytesRead: number }[] = []
  const server = httpServer({
    routes,
    listener: (handler) => http.createServer(handler).on('connection', (it) => sockets.push(it)),
    admit: () => {
      if (!admitted) throw accessErrors.CertificateMissing()
    },
    origins: undefined,
    headers: {},
    topologyEtag: 1,
    observe: () => undefined,
    internalError: () => undefined,
  })
  await server.ready()
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo
  try {
    await work(port, () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0))
  } finally {
    server.server.closeAllConnections()
    await server.close()
  }
}

/** Writes the head, then pieces of the body until the other side closes. Resolves with what came back. */
async function upload(port: number, head: string, pieces: Iterable<Buffer> = []): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined)
  let text = ''
  socket.setEncoding('latin1').on('data', (part) => (text += part))
  const closed = once(socket, 'close')
  socket.write(head)
  for (const piece of pieces) {
    if (socket.destroyed) break
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), closed])
  }
  await Promise.race([closed, setTimeout(1_000)])
  socket.destroy()
  return text
}

function* endless(): Generator<Buffer> {
  for (let sent = 0; sent < 500; sent += 1) yield Buffer.alloc(1024 * 1024, 'x')
}

const head = 'PUT /length HTTP/1.1\r\nHost: x\r\n'

test('a body arrives whole, with a length and in chunks', () =>
  serving(true, async (port) => {
    const body = Buffer.alloc(700_000, 'x')
    const close = `${head}Connection: close\r\n`
    const declared = await upload(port, `${close}Content-Length: ${body.length}\r\n\r\n`, [body])
    assert.match(declared, /"length":700000/)
    const chunks = [Buffer.from('aae60\r\n'), body, Buffer.from('\r\n0\r\n\r\n')]
    const chunked = await upload(port, `${close}Transfer-Encoding: chunked\r\n\r\n`, chunks)
    assert.match(chunked, /"length":700000/)
  }))

test('an upload of a caller who is refused is not read to its end', () =>
  serving(false, async (port, read) => {
    const text = await upload(port, `${head}Content-Length: 524288000\r\n\r\n`, endless())
    assert.match(text, /^HTTP\/1\.1 403 [\s\S]*connection: close/i)
    assert.ok(read() < 400_000_000, `${read()} bytes were read`)
  }))

test('an upload that is too long is refused by its length alone, or as soon as it is', () =>
  serving(true, async (port, read) => {
    const declared = await upload(port, `${head}Content-Length: 524288000\r\n\r\n`)
    assert.match(declared, /^HTTP\/1\.1 413 [\s\S]*BodyTooLarge/i)
    assert.ok(read() < 1_000)
    const chunk = Buffer.from(`100000\r\n${'x'.repeat(0x10_0000)}\r\n`)
    const chunked = await upload(port, `${head}Transfer-Encoding: chunked\r\n\r\n`, [chunk, chunk])
    assert.match(chunked, /^HTTP\/1\.1 413 /)
  }))

test('100 Continue comes once the body is wanted, and not before a refusal', async () => {
  const expecting = `${head}Expect: 100-continue\r\nConnection: close\r\n`
  await serving(true, async (port) => {
    const text = await upload(port, `${expecting}Content-Length: 2\r\n\r\n`, [Buffer.from('{}')])
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
    const tooLong = await upload(port, `${expecting}Content-Length: 99999999\r\n\r\n`)
    assert.match(tooLong, /^HTTP\/1\.1 413 /)
  })
  await serving(false, async (port) => {
    assert.match(await upload(port, `${expecting}Content-Length: 2\r\n\r\n`), /^HTTP\/1\.1 403 /)
  })
})

test('another expectation is refused in words', () =>
  serving(true, async (port) => {
    const text = await upload(port, `${head}Expect: more\r\nContent-Length: 2\r\n\r\n`)
    assert.match(text, /^HTTP\/1\.1 417 [\s\S]*strongroom-error: ExpectationUnknown/i)
  }))

test('a caller who leaves in the middle of a body leaves nothing behind', () =>
  serving(true, async (port) => {
    for (let again = 0; again < 5; again += 1) {
      const socket = connect({ port, host: '127.0.0.1' })
      await once(socket, 'connect')
      socket.write(`${head}Content-Length: 900000\r\n\r\n${'x'.repeat(100_000)}`)
      await setTimeout(5)
      socket.resetAndDestroy()
    }
    const text = await upload(port, 'GET /length HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.match(text, /^HTTP\/1\.1 200 /)
  }))
