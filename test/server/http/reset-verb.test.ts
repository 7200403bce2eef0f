import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { open } from '#server/access/actions.ts'
import type { Routes } from '#server/http/route.ts'
import { httpServer } from '#server/http/server.ts'
import { plainListener, tlsListener } from '#server/tls/listener.ts'
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
]

async function withServer(kind: 'tls' | 'plain', work: (port: number) => Promise<void>) {
  const { certificate, privateKey } = server
  const served = { certificate, chain: certificatePem(certificate), key: privateKeyPem(privateKey) }
  const app: FastifyInstance = httpServer({
    routes,
    listener: (handler) => (kind === 'tls' ? tlsListener(served, handler) : plainListener(handler)),
    admit: () => undefined,
    origins: undefined,
    headers: {},
    topologyEtag: 1,
    observe: () => undefined,
    internalError: () => undefined,
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  try {
    await work(portOf(app.server))
  } finally {
    app.server.closeAllConnections()
    await app.close()
  }
}

const reset = (headers = '') =>
  `RESET /databases/a/indexes?name=x HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`
const connect = (port: number) =>
  tlsSocket({ port, ca: certificatePem(ca.certificate), ...pem(shop) })
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
      await new Promise((resolve) => setTimeout(resolve, 20))
      socket.write(Buffer.alloc(50_000, 0x20))
    }
    assert.deepEqual(bodies(await answer), [{ verb: 'RESET', caller: 'CN=shop', bytes: 200_000 }])
  }))

test('resetVerb() leaves the connection usable, for RESET again and for other verbs', () =>
  withServer('tls', async (port) => {
    const socket = await connect(port)
    const answers = exchange(socket, reset(), 1_000)
    for (const next of [
      reset(),
      'POST /post HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}',
      reset(close),
    ]) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      socket.write(next)
    }
    assert.deepEqual(
      bodies(await answers).map(({ verb }) => verb),
      ['RESET', 'RESET', 'POST', 'RESET'],
    )
  }))

test('resetVerb() survives a caller that leaves in the middle', () =>
  withServer('tls', async (port) => {
    for (let again = 0; again < 5; again += 1) {
      const socket = await connect(port)
      socket.write(reset('Content-Length: 1000\r\n'))
      await new Promise((resolve) => setTimeout(resolve, 20))
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
