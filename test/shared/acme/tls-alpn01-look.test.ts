import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { test } from 'node:test'
import { createSecureContext, createServer, type TlsOptions } from 'node:tls'
import { acmeProtocol, tlsAlpn01Certificate } from '#shared/acme/tls-alpn01-certificate.ts'
import { lookForProof } from '#shared/acme/tls-alpn01-look.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { year2026 } from '#test/support/certificates.ts'

const asked = { name: '127.0.0.1', keyAuthorization: 't.x' }
const { signal } = new AbortController()

async function pairFor(keyAuthorization: string): Promise<TlsOptions> {
  const { certificate, privateKey } = await tlsAlpn01Certificate({
    ...{ name: asked.name, keyAuthorization, now: year2026 },
  })
  return { cert: certificatePem(certificate), key: privateKeyPem(privateKey) }
}

/** Listens while something is done with its port. */
async function listening<T>(server: Server, work: (port: number) => Promise<T>): Promise<T> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await work((server.address() as AddressInfo).port)
  } finally {
    server.close()
  }
}

function speaking(options: TlsOptions) {
  return createServer({ ALPNProtocols: [acmeProtocol], ...options }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.end()
  })
}

test('lookForProof() is content with the proof, asked for as the CA asks an address', async () => {
  const names: string[] = []
  const pair = await pairFor('t.x')
  const server = speaking({
    ...pair,
    SNICallback: (name, answer) => {
      names.push(name)
      answer(null, createSecureContext(pair))
    },
  })
  assert.equal(await listening(server, (port) => lookForProof(asked, signal, port)), undefined)
  assert.deepEqual(names, ['1.0.0.127.in-addr.arpa'])
})

test('lookForProof() says what it meets where the CA will look', async () => {
  const other = speaking(await pairFor('other.x'))
  const web = speaking({ ...(await pairFor('t.x')), ALPNProtocols: ['http/1.1'] })
  const deaf = createServer(await pairFor('t.x'), (socket) => socket.end())
  const look = (server: Server) => listening(server, (port) => lookForProof(asked, signal, port))
  assert.match((await look(other)) ?? '', /^127\.0\.0\.1:\d+ shows another proof$/)
  assert.match((await look(web)) ?? '', /cannot be asked: .*no application protocol/)
  assert.match((await look(deaf)) ?? '', /one that does not speak acme-tls\/1$/)
  const plain = createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  assert.match((await look(plain)) ?? '', /cannot be asked: /)
  const rude = createTcpServer((socket) => socket.destroy())
  assert.match((await look(rude)) ?? '', /cannot be asked: /)
  assert.match((await lookForProof(asked, signal, 1)) ?? '', /^127\.0\.0\.1:1 .*ECONNREFUSED/)
})

test('lookForProof() says where a name leads nowhere', async () => {
  const nowhere = { ...asked, name: 'nowhere.invalid' }
  assert.match(
    (await lookForProof(nowhere, signal)) ?? '',
    /^nowhere\.invalid:443 cannot be asked: /,
  )
})

test('lookForProof() ends with its signal, also in the middle', async () => {
  const stopped = AbortSignal.abort(new Error('stopped'))
  await assert.rejects(lookForProof(asked, stopped, 1), /stopped/)
  const silent = createTcpServer((socket) => socket.on('error', () => socket.destroy()))
  await listening(silent, async (port) => {
    const stop = new AbortController()
    const looking = lookForProof(asked, stop.signal, port)
    const [socket] = await once(silent, 'connection')
    stop.abort(new Error('stopped'))
    await assert.rejects(looking, /stopped/)
    socket.destroy()
  })
})
