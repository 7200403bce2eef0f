/** The door beside the ordinary side, as a CA and as clients see it, on both versions of TLS, with and without certificates by name. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:https'
import { before, test } from 'node:test'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { Challenges } from '#server/tls/challenges.ts'
import { contextOf, tlsListener } from '#server/tls/listener.ts'
import type { ServerCertificate } from '#server/tls/server-certificate.ts'
import { systemClock } from '#shared/clock.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { firstWordsOf } from '#test/support/client-hello.ts'
import { exchange, portOf, tcpSocket, tlsSocket } from '#test/support/http-calls.ts'

const quick = { handshakeMs: 200, headersMs: 200, requestMs: 400, stallMs: 1_000, checkMs: 50 }
/** Of a machine that has other work. */
const unhurried = {
  ...{ handshakeMs: 20_000, headersMs: 20_000, requestMs: 20_000 },
  ...{ stallMs: 20_000, checkMs: 50 },
}
const name = 'vault.example.com'
const keyAuthorization = `token.${'a'.repeat(43)}`
const get = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
const versions = ['TLSv1.2', 'TLSv1.3'] as const

let ca: Issued
let shop: Issued
before(async () => {
  ca = await certificates.authority()
  shop = await certificates.client(ca)
})

async function served(): Promise<ServerCertificate> {
  const { certificate, privateKey } = await certificates.server(ca)
  return { certificate, chain: certificatePem(certificate), key: privateKeyPem(privateKey) }
}

interface Scene {
  readonly challenges: Challenges
  readonly port: number
  readonly main: ServerCertificate
  dial(options: ConnectionOptions): Promise<TLSSocket>
}

async function listening(
  hasNames: boolean,
  work: (scene: Scene) => Promise<void>,
  times = quick,
): Promise<void> {
  const challenges = new Challenges(systemClock)
  const main = await served()
  const context = contextOf(main)
  const names = hasNames ? { contextFor: () => context } : {}
  const server: Server = tlsListener(
    await served(),
    (request, response) => {
      const certificate = (request.socket as TLSSocket).getPeerX509Certificate()
      response.end(certificate?.fingerprint.replaceAll(':', '') ?? 'nobody')
    },
    { ...names, challenges, times },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  const dial = (options: ConnectionOptions) =>
    tlsSocket({ port, rejectUnauthorized: false, ...options })
  try {
    await work({ challenges, port, main, dial })
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const closed = (socket: TLSSocket) =>
  new Promise((resolve) => socket.once('close', resolve).resume())
const bodyOf = (answer: string) => answer.split('\r\n\r\n')[1]

for (const version of versions)
  for (const hasNames of [false, true]) {
    const how = `on ${version}, ${hasNames ? 'with' : 'without'} certificates by name`
    const bounds = { minVersion: version, maxVersion: version }
    const asCa = { ...bounds, servername: name, ALPNProtocols: ['acme-tls/1'] }

    test(`answerChallenges() shows the proof to the CA, and ends ${how}`, () =>
      listening(hasNames, async ({ challenges, dial }) => {
        await challenges.present({ name, keyAuthorization })
        const socket = await dial(asCa)
        assert.equal(socket.alpnProtocol, 'acme-tls/1')
        assert.equal(socket.getProtocol(), version)
        assert.equal(socket.getPeerX509Certificate()?.subjectAltName, `DNS:${name}`)
        await closed(socket)
      }))

    test(`answerChallenges() refuses the CA's protocol for any other name, and for all once withdrawn, ${how}`, () =>
      listening(hasNames, async ({ challenges, dial }) => {
        const refused = { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' }
        await assert.rejects(dial(asCa), refused)
        await challenges.present({ name, keyAuthorization })
        await assert.rejects(dial({ ...asCa, servername: 'other.example.com' }), refused)
        await assert.rejects(dial({ ...asCa, servername: '' }), refused)
        challenges.withdraw(name)
        await assert.rejects(dial(asCa), refused)
      }))

    test(`answerChallenges() lets ordinary clients see neither it nor another caller, and resume, ${how}`, () =>
      listening(hasNames, async ({ challenges, dial }) => {
        const client = {
          ...bounds,
          servername: name,
          cert: certificatePem(shop.certificate),
          key: privateKeyPem(shop.privateKey),
        }
        const before = await dial(client)
        const expected = before.getPeerX509Certificate()?.fingerprint256
        before.destroy()
        await challenges.present({ name, keyAuthorization })
        for (const ALPNProtocols of [[], ['http/1.1'], ['acme-tls/1', 'http/1.1']]) {
          const first = await dial({ ...client, ALPNProtocols })
          assert.equal(first.getPeerX509Certificate()?.fingerprint256, expected)
          const session = sessionOf(first)
          assert.equal(bodyOf(await exchange(first, get)), shop.certificate.thumbprint)
          const second = await dial({ ...client, ALPNProtocols, session: await session })
          assert.equal(second.isSessionReused(), true)
          assert.equal(bodyOf(await exchange(second, get)), shop.certificate.thumbprint)
        }
      }))
  }

test('answerChallenges() reads first words that come byte by byte', () =>
  listening(
    true,
    async ({ challenges, port }) => {
      await challenges.present({ name, keyAuthorization })
      const raw = await tcpSocket(port)
      raw.setNoDelay(true)
      const hello = await firstWordsOf({ servername: name, ALPNProtocols: ['acme-tls/1'] })
      const answer = once(raw, 'data') as Promise<[Buffer]>
      for (const byte of hello) {
        raw.write(Buffer.from([byte]))
        if (byte % 8 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      // A ServerHello.
      assert.deepEqual([...(await answer)[0].subarray(0, 3)], [22, 3, 3])
      raw.destroy()
    },
    unhurried,
  ))

test('answerChallenges() cuts who does not say his first words in time, or leaves in their middle', () =>
  listening(true, async ({ challenges, port, dial }) => {
    await challenges.present({ name, keyAuthorization })
    const started = performance.now()
    await exchange(await tcpSocket(port), Buffer.from([22, 3, 1]), 5_000)
    assert(performance.now() - started < 4_000)
    const half = await tcpSocket(port)
    const gone = new Promise((resolve) => half.once('close', resolve))
    half.end(Buffer.from([22, 3, 1]))
    half.resume()
    await gone
    const hasty = await tcpSocket(port)
    hasty.resetAndDestroy()
    await exchange(await tcpSocket(port), get, 500).catch(() => '')
    const socket = await dial({})
    assert.equal(bodyOf(await exchange(socket, get)), 'nobody')
  }))

test('answerChallenges() serves hundreds of ordinary clients while a name is being proven', () =>
  listening(
    true,
    async ({ challenges, dial }) => {
      await challenges.present({ name, keyAuthorization })
      const answers = await Promise.all(
        Array.from({ length: 60 }, async (_, number) => {
          const maxVersion = versions[number % 2] ?? 'TLSv1.3'
          return bodyOf(await exchange(await dial({ maxVersion }), get, 20_000))
        }),
      )
      assert.deepEqual(new Set(answers), new Set(['nobody']))
    },
    unhurried,
  ))

/** TLS 1.3 hands it over after the handshake, 1.2 in it. */
function sessionOf(socket: TLSSocket): Promise<Buffer> {
  const session = socket.getProtocol() === 'TLSv1.2' ? socket.getSession() : undefined
  return session === undefined
    ? new Promise((resolve) => socket.once('session', resolve))
    : Promise.resolve(session)
}
