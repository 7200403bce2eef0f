import assert from 'node:assert/strict'
import type { RequestListener, Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import { before, test } from 'node:test'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { contextOf, plainListener, swapCertificate, tlsListener } from '#server/tls/listener.ts'
import type { ServerCertificate } from '#server/tls/server-certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { exchange, portOf, tcpSocket, tlsSocket } from '#test/support/http-calls.ts'

const quick = { handshakeMs: 200, headersMs: 200, requestMs: 400, stallMs: 1_000, checkMs: 50 }

let ca: Issued
let shop: Issued
before(async () => {
  ca = await certificates.authority()
  shop = await certificates.client(ca)
})

const pemOf = ({ certificate, privateKey }: Issued) => ({
  cert: certificatePem(certificate),
  key: privateKeyPem(privateKey),
})

async function served(): Promise<ServerCertificate> {
  const { certificate, privateKey } = await certificates.server(ca)
  return { certificate, chain: certificatePem(certificate), key: privateKeyPem(privateKey) }
}

async function listening<S extends Server | HttpsServer>(
  server: S,
  work: (port: number, server: S) => Promise<void>,
) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(portOf(server), server)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Answers with the thumbprint of the caller. */
const tellCaller: RequestListener = (request, response) => {
  const certificate = (request.socket as Partial<TLSSocket>).getPeerX509Certificate?.()
  response.end(JSON.stringify(certificate?.fingerprint.replaceAll(':', '') ?? 'nobody'))
}

/** TLS 1.3 hands it over after the handshake, 1.2 in it. */
function sessionOf(socket: TLSSocket): Promise<Buffer> {
  const session = socket.getProtocol() === 'TLSv1.2' ? socket.getSession() : undefined
  return session === undefined
    ? new Promise((resolve) => socket.once('session', resolve))
    : Promise.resolve(session)
}

const get = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
const bodyOf = (answer: string) => JSON.parse(answer.split('\r\n\r\n')[1] ?? '')
const trusting = (port: number): ConnectionOptions => ({ port, ca: certificatePem(ca.certificate) })

test('tlsListener() lets in who has a certificate that nobody here knows, and who has none', async () => {
  const stranger = await certificates.client(await certificates.authority('Other CA'))
  await listening(tlsListener(await served(), tellCaller), async (port) => {
    for (const [who, expected] of [
      [shop, shop.certificate.thumbprint],
      [stranger, stranger.certificate.thumbprint],
      [undefined, 'nobody'],
    ] as const) {
      const socket = await tlsSocket({
        ...trusting(port),
        ...(who === undefined ? {} : pemOf(who)),
      })
      assert.equal(bodyOf(await exchange(socket, get)), expected)
    }
  })
})

for (const [minVersion, maxVersion, works] of [
  ['TLSv1.3', 'TLSv1.3', true],
  ['TLSv1.2', 'TLSv1.2', true],
  ['TLSv1', 'TLSv1.1', false],
] as const) {
  test(`tlsListener() ${works ? 'speaks' : 'does not speak'} ${maxVersion}`, async () => {
    await listening(tlsListener(await served(), tellCaller), async (port) => {
      const ciphers = 'DEFAULT:@SECLEVEL=0'
      const dialled = tlsSocket({ ...trusting(port), minVersion, maxVersion, ciphers })
      if (!works) return assert.rejects(dialled)
      const socket = await dialled
      assert.equal(socket.getProtocol(), maxVersion)
      socket.destroy()
    })
  })

  if (works)
    test(`tlsListener() knows the caller of a resumed ${maxVersion} session by the certificate of its handshake`, async () => {
      await listening(tlsListener(await served(), tellCaller), async (port) => {
        const options = { ...trusting(port), minVersion, maxVersion }
        const first = await tlsSocket({ ...options, ...pemOf(shop) })
        const session = sessionOf(first)
        await exchange(first, get)
        const second = await tlsSocket({ ...options, session: await session })
        assert.equal(second.isSessionReused(), true)
        assert.equal(bodyOf(await exchange(second, get)), shop.certificate.thumbprint)
      })
    })
}

test('tlsListener() sends no authority along: clients report a missing issuer, as RavenDB’s expect', async () => {
  await listening(tlsListener(await served(), tellCaller), async (port) => {
    await assert.rejects(tlsSocket({ port }), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  })
})

test('swapCertificate() serves the new certificate to new connections, keeps open ones, and stays at TLS 1.2', async () => {
  const [old, fresh] = [await served(), await served()]
  await listening(tlsListener(old, tellCaller), async (port, server) => {
    const open = await tlsSocket(trusting(port))
    swapCertificate(server, fresh)
    const next = await tlsSocket(trusting(port))
    assert.equal(next.getPeerX509Certificate()?.raw.equals(fresh.certificate.der), true)
    assert.equal(bodyOf(await exchange(open, get)), 'nobody')
    next.destroy()
    const ciphers = 'DEFAULT:@SECLEVEL=0'
    await assert.rejects(
      tlsSocket({ ...trusting(port), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers }),
    )
  })
})

test('tlsListener() cuts a handshake that does not finish', async () => {
  await listening(tlsListener(await served(), tellCaller, { times: quick }), async (port) => {
    const socket = await tcpSocket(port)
    const started = performance.now()
    await exchange(socket, Buffer.from([0x16, 0x03, 0x01]), 5_000)
    assert(performance.now() - started < 4_000)
  })
})

test('tlsListener() survives plain HTTP and garbage', async () => {
  await listening(tlsListener(await served(), tellCaller), async (port) => {
    await exchange(await tcpSocket(port), get, 500).catch(() => '')
    await exchange(await tcpSocket(port), Buffer.alloc(512, 0xff), 500).catch(() => '')
    const socket = await tlsSocket(trusting(port))
    assert.equal(bodyOf(await exchange(socket, get)), 'nobody')
  })
})

for (const [name, bytes] of [
  ['headers that trickle', 'GET / HTTP/1.1\r\nHost: a\r\n'],
  ['a body that never comes', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{'],
] as const) {
  test(`plainListener() ends ${name}`, async () => {
    await listening(
      plainListener((request) => request.resume(), quick),
      async (port) => {
        const started = performance.now()
        await exchange(await tcpSocket(port), bytes, 5_000)
        assert(performance.now() - started < 4_000)
      },
    )
  })
}

test('plainListener() goes on where a connection could not be taken', () =>
  listening(plainListener(tellCaller, quick), async (port, server) => {
    server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    assert.match(await exchange(await tcpSocket(port), get), /^HTTP\/1.1 200/)
  }))

test('plainListener() cuts a caller that stopped reading its answer', async () => {
  const ended = Promise.withResolvers<void>()
  const endless: RequestListener = (_request, response) => {
    response.once('close', () => ended.resolve())
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', more)
    more()
  }
  await listening(plainListener(endless, quick), async (port) => {
    const socket = await tcpSocket(port)
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await ended.promise
    socket.destroy()
  })
})

for (const [minVersion, maxVersion] of [
  ['TLSv1.3', 'TLSv1.3'],
  ['TLSv1.2', 'TLSv1.2'],
] as const) {
  test(`tlsListener() serves another certificate under a name of its own, and resumes its ${maxVersion} sessions until the next swap`, async () => {
    const [main, other] = [await served(), await served()]
    const context = contextOf(other)
    const contextFor = (host: string) => (host === 'localhost' ? context : undefined)
    await listening(tlsListener(main, tellCaller, { contextFor }), async (port, server) => {
      const dial = (more: ConnectionOptions) =>
        tlsSocket({ ...trusting(port), ...pemOf(shop), minVersion, maxVersion, ...more })
      const checkServerIdentity = () => undefined
      for (const [servername, expected] of [
        ['localhost', other],
        ['elsewhere.example.com', main],
        ['', main],
      ] as const) {
        const socket = await dial({ servername, checkServerIdentity })
        assert.deepEqual(socket.getPeerX509Certificate()?.raw, expected.certificate.der)
        const session = sessionOf(socket)
        assert.equal(bodyOf(await exchange(socket, get)), shop.certificate.thumbprint)
        const again = { servername, checkServerIdentity, session: await session }
        const resumed = await dial(again)
        assert.equal(resumed.isSessionReused(), true, servername)
        assert.equal(bodyOf(await exchange(resumed, get)), shop.certificate.thumbprint)
        swapCertificate(server, main)
        const fresh = await dial(again)
        assert.equal(fresh.isSessionReused(), false, servername)
        fresh.destroy()
      }
    })
  })
}

test('tlsListener() speaks nothing older than TLS 1.2 under any name', async () => {
  const context = contextOf(await served())
  const options = { contextFor: () => context }
  await listening(tlsListener(await served(), tellCaller, options), async (port) => {
    const ciphers = 'DEFAULT:@SECLEVEL=0'
    const old = { ...trusting(port), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers } as const
    await assert.rejects(tlsSocket(old))
    const socket = await tlsSocket(trusting(port))
    assert.equal(socket.getProtocol(), 'TLSv1.3')
    socket.destroy()
  })
})

for (const ciphers of [
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA384',
  'AES128-GCM-SHA256',
  'AES256-SHA',
]) {
  test(`tlsListener() refuses TLS 1.2 with ${ciphers}, without forward secrecy or authenticated encryption`, async () =>
    listening(tlsListener(await served(), tellCaller, { times: quick }), async (port) => {
      const tls = { maxVersion: 'TLSv1.2', ciphers } as const
      await assert.rejects(tlsSocket({ ...trusting(port), ...tls }))
    }))
}

test('tlsListener() takes TLS 1.2 with an AEAD cipher suite and ECDHE', async () =>
  listening(tlsListener(await served(), tellCaller, { times: quick }), async (port) => {
    const ciphers = 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256'
    const socket = await tlsSocket({ ...trusting(port), maxVersion: 'TLSv1.2', ciphers })
    assert.equal(socket.getProtocol(), 'TLSv1.2')
    socket.destroy()
  }))
