import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp, type Server, type Socket } from 'node:net'
import { before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { open } from '#server/access/actions.ts'
import type { Routes } from '#server/http/route.ts'
import { httpServer } from '#server/http/server.ts'
import { type ListenerTimes, plainListener, tlsListener } from '#server/tls/listener.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { exchange, portOf, tcpSocket, tlsSocket } from '#test/support/http-calls.ts'

let ca: Issued
let server: Issued
let shop: Issued
before(async () => {
  ca = await certificates.authority()
  server = await certificates.server(ca)
  shop = await certificates.client(ca)
})

const pem = ({ certificate, privateKey }: Issued) => ({
  cert: certificatePem(certificate),
  key: privateKeyPem(privateKey),
})

const routes: Routes = [
  {
    method: 'RESET',
    path: '/databases/:database/indexes',
    action: open,
    bodyBytesMax: 1_000_000,
    handle: (request) => {
      const caller = (request.raw.socket as TLSSocket).getPeerX509Certificate?.()
      return {
        verb: 'RESET',
        caller: caller?.subject ?? '',
        bytes: (request.body as Buffer | undefined)?.length ?? 0,
      }
    },
  },
  {
    method: 'POST',
    path: '/post',
    action: open,
    bodyBytesMax: 1_000_000,
    handle: (request) => ({ verb: 'POST', bytes: (request.body as Buffer).length }),
  },
  {
    method: 'RESET',
    path: '/slow',
    action: open,
    handle: async () => {
      await setTimeout(400)
      return { verb: 'RESET' }
    },
  },
  {
    method: 'GET',
    path: '/slow',
    action: open,
    handle: async () => {
      await setTimeout(100)
      return { verb: 'GET' }
    },
  },
]

/** Short enough that a parser's time ends within a test. */
const hasty = { handshakeMs: 1_000, headersMs: 100, requestMs: 200, stallMs: 1_000, checkMs: 20 }

async function withServer(
  kind: 'tls' | 'plain',
  work: (port: number, listener: Server) => Promise<void>,
  times?: ListenerTimes,
) {
  const { certificate, privateKey } = server
  const served = { certificate, chain: certificatePem(certificate), key: privateKeyPem(privateKey) }
  const app: FastifyInstance = httpServer({
    routes,
    listener: (handler) =>
      kind === 'tls'
        ? tlsListener(served, handler, { ...(times && { times }) })
        : plainListener(handler, times),
    admit: () => undefined,
    origins: undefined,
    headers: {},
    topologyEtag: 1,
    observe: () => undefined,
    internalError: () => undefined,
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  try {
    await work(portOf(app.server), app.server)
  } finally {
    app.server.closeAllConnections()
    await app.close()
  }
}

const reset = (headers = '') =>
  `RESET /databases/a/indexes?name=x HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`
const post = 'POST /post HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}'
const connect = (port: number, socket?: Socket) =>
  tlsSocket({
    ...(socket === undefined ? { port } : { socket }),
    ca: certificatePem(ca.certificate),
    ...pem(shop),
  })
const close = 'Connection: close\r\n'
const bodies = (answer: string) =>
  [...answer.matchAll(/\{"verb".*?\}/g)].map(([text]) => JSON.parse(text))

test('resetVerb() answers RESET over TLS and keeps who is calling', () =>
  withServer('tls', async (port) => {
    const answer = await exchange(await connect(port), reset(close))
    assert.deepEqual(bodies(answer), [{ verb: 'RESET', caller: 'CN=shop', bytes: 0 }])
  }))

test('resetVerb() answers RESET over plain HTTP', () =>
  withServer('plain', async (port) => {
    const answer = await exchange(await tcpSocket(port), reset(close))
    assert.deepEqual(bodies(answer), [{ verb: 'RESET', caller: '', bytes: 0 }])
  }))

test('resetVerb() takes a body that arrives in pieces', () =>
  withServer('tls', async (port) => {
    const socket = await connect(port)
    const answer = exchange(socket, reset(`${close}Content-Length: 200000\r\n`))
    for (let piece = 0; piece < 4; piece += 1) {
      await setTimeout(20)
      socket.write(Buffer.alloc(50_000, 0x20))
    }
    assert.deepEqual(bodies(await answer), [{ verb: 'RESET', caller: 'CN=shop', bytes: 200_000 }])
  }))

test('resetVerb() takes RESET on a connection that has served other requests, and closes it then', () =>
  withServer('tls', async (port) => {
    const socket = await connect(port)
    const answers = exchange(socket, post)
    await setTimeout(100)
    socket.write(reset())
    const text = await answers
    assert.deepEqual(
      bodies(text).map(({ verb }) => verb),
      ['POST', 'RESET'],
    )
    assert.match(text, /connection: close\r\n/i)
    assert.ok(socket.readableEnded)
  }))

for (const kind of ['tls', 'plain'] as const) {
  const connected = (port: number) => (kind === 'tls' ? connect(port) : tcpSocket(port))

  test(`resetVerb() answers one of many RESETs sent at once and closes, ${kind}`, () =>
    withServer(kind, async (port) => {
      const answer = await exchange(await connected(port), reset().repeat(5))
      assert.match(answer, /^HTTP\/1.1 (200|400) /)
      assert.equal(answer.match(/HTTP\/1.1/g)?.length, 1)
    }))

  test(`resetVerb() survives callers that reset the connection at any moment, ${kind}`, () =>
    withServer(kind, async (port) => {
      const requests = [reset(), reset().repeat(2), reset('Content-Length: 9\r\n'), post + reset()]
      for (const request of requests)
        for (const waitMs of [0, 1, 5, 20]) {
          const tcp = await tcpSocket(port)
          const socket = kind === 'tls' ? await connect(port, tcp) : tcp
          socket.on('error', () => undefined)
          socket.write(request)
          await setTimeout(waitMs)
          socket.write(reset())
          await setTimeout(waitMs)
          tcp.resetAndDestroy()
        }
      await setTimeout(100)
      const answer = await exchange(await connected(port), reset())
      assert.equal(bodies(answer).length, 1)
    }))
}

test('resetVerb() does not mix an answer that is under way with the one for RESET', () =>
  withServer('tls', async (port) => {
    const socket = await connect(port)
    const answer = exchange(socket, 'GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await setTimeout(30)
    socket.write(reset())
    assert.match(await answer, /^HTTP\/1.1 400 (?!.*HTTP\/1.1)/s)
  }))

test('resetVerb() finds no RESET inside a body', () =>
  withServer('plain', async (port) => {
    const socket = await tcpSocket(port)
    const head = 'POST /post HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'
    const answer = exchange(socket, head)
    await setTimeout(30)
    socket.write(reset())
    assert.match(await answer, /^HTTP\/1.1 400 /)
  }))

test('resetVerb() refuses a word that arrives in pieces with a coded answer', () =>
  withServer('plain', async (port) => {
    const socket = await tcpSocket(port)
    socket.setNoDelay()
    const answer = exchange(socket, reset().slice(0, 4))
    await setTimeout(30)
    socket.write(reset().slice(4))
    assert.match(await answer, /^HTTP\/1.1 400 .*strongroom-error: RequestMalformed/is)
  }))

test('resetVerb() leaves an answer alone that takes longer than its request may', () =>
  withServer(
    'plain',
    async (port) => {
      const slow = 'RESET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n'
      assert.deepEqual(bodies(await exchange(await tcpSocket(port), slow)), [{ verb: 'RESET' }])
    },
    hasty,
  ))

test('resetVerb() closes even where the caller keeps his side open', () =>
  withServer('plain', async (port, listener) => {
    const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(listener, 'connection')
    socket.write(reset())
    await once(socket.resume(), 'end')
    await setTimeout(20)
    const open = await new Promise((resolve) => listener.getConnections((_, n) => resolve(n)))
    socket.destroy()
    assert.equal(open, 0)
  }))

test('resetVerb() survives a caller that leaves in the middle', () =>
  withServer('tls', async (port) => {
    for (let again = 0; again < 5; again += 1) {
      const socket = await connect(port)
      socket.write(reset('Content-Length: 1000\r\n'))
      await setTimeout(20)
      socket.destroy()
    }
    const answer = await exchange(await connect(port), reset(close))
    assert.equal(bodies(answer).length, 1)
  }))

for (const [name, bytes, status, code] of [
  ['a verb that nobody knows', 'FROB / HTTP/1.1\r\n\r\n', 400, 'RequestMalformed'],
  ['a line that is no HTTP', '\u0000\u0001\u0002 hello\r\n\r\n', 400, 'RequestMalformed'],
  [
    'two different lengths',
    'POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    400,
    'RequestMalformed',
  ],
  [
    'length and chunks at once',
    'POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'RequestMalformed',
  ],
  [
    'headers over the limit',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'HeadersTooLarge',
  ],
] as const) {
  test(`resetVerb() refuses ${name} with a coded answer and closes`, () =>
    withServer('plain', async (port) => {
      const answer = await exchange(await tcpSocket(port), bytes)
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
      assert.match(answer, new RegExp(`strongroom-error: ${code}`, 'i'))
      assert.match(answer, /"Type":"Raven\.Client\.Exceptions\.BadRequestException"/)
    }))
}
