/** Rights hold at the moment of the action, over real sockets: whatever a connection is doing when its certificate loses them, it is closed. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { makeKeyPair } from '#shared/pki/issue.ts'
import { createDatabase, docsPath, succeeded } from '#test/support/api.ts'
import type { Caller } from '#test/support/caller.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import {
  type Authority,
  authority,
  type Credentials,
  clientCredentials,
} from '#test/support/pki.ts'
import { type RunningServer, runningServer } from '#test/support/running-server.ts'

const folder = temporaryFolder('revocation')
const certificatesPath = '/admin/certificates'
const head = 'HTTP/1.1\r\nHost: localhost\r\n'
let server: RunningServer
let admin: Caller
let issuer: Authority

before(async () => {
  server = await runningServer(folder.path)
  admin = await server.caller()
  issuer = await authority('Issuer')
  await createDatabase(admin, 'orders')
  const commands = Array.from({ length: 3_000 }, (_, index) => ({
    Type: 'PUT',
    Id: `d/${index}`,
    Document: { text: 'x'.repeat(4_000) },
  }))
  succeeded(await admin.post('/databases/orders/bulk_docs', { Commands: commands }))
})
after(async () => {
  await admin[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** Made with a P-256 key, and registered. */
async function registered(rights: object): Promise<Credentials> {
  const made = await clientCredentials(issuer, {
    commonName: 'victim',
    keys: await makeKeyPair('p-256'),
  })
  const Certificate = Buffer.from(made.cert + issuer.cert).toString('base64')
  succeeded(await admin.put(certificatesPath, { Name: 'victim', Certificate, ...rights }))
  return made
}

const user = { SecurityClearance: 'ValidUser', Permissions: { orders: 'ReadWrite' } }

async function dial({ cert, key }: Credentials, more: object = {}): Promise<TLSSocket> {
  const port = Number(new URL(server.url).port)
  const socket = connect({
    ...{ port, host: '127.0.0.1', cert, key, rejectUnauthorized: false },
    ...more,
  })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

function remove({ thumbprint }: Credentials) {
  return admin.delete(`${certificatesPath}?thumbprint=${thumbprint}`)
}

/** True where it is closed, or closes within a second. */
async function closesSoon(socket: TLSSocket): Promise<boolean> {
  if (socket.destroyed || socket.closed) return true
  return Promise.race([once(socket, 'close').then(() => true), setTimeout(1_000, false)])
}

function auditedLast() {
  return server.audited.at(-1)?.facts ?? {}
}

/** What a connection may be doing. */
const doings: Readonly<Record<string, (socket: TLSSocket) => Promise<unknown>>> = {
  'nothing yet': async () => undefined,
  'nothing after an answer': async (socket) => {
    socket.write(`GET ${docsPath('orders', 'd/1')} ${head}\r\n`)
    await once(socket, 'data')
  },
  'half of its headers': async (socket) => socket.write(`GET /databases ${head}X`),
  'half of a document': async (socket) =>
    socket.write(`PUT ${docsPath('orders', 'half')} ${head}Content-Length: 99\r\n\r\n{"a":`),
  'half of a batch': async (socket) =>
    socket.write(
      `POST /databases/orders/bulk_docs ${head}Content-Length: 9999\r\n\r\n{"Commands":[`,
    ),
  'an answer that it does not read': async (socket) => {
    socket.pause()
    socket.write(`GET /databases/orders/docs ${head}\r\n`)
    await setTimeout(100)
  },
  'an answer that it reads': async (socket) => {
    socket.write(`GET /databases/orders/docs ${head}\r\n`)
    await once(socket, 'data')
    socket.pause()
  },
  'a RESET': async (socket) => {
    socket.write(`RESET /databases/orders/indexes?name=x ${head}Content-Length: 9\r\n\r\n`)
    await setTimeout(50)
  },
}

test('a connection is closed within a second of the deletion of its certificate, whatever it is doing', async () => {
  const victim = await registered(user)
  const sockets = await Promise.all(
    Object.entries(doings).map(async ([doing, begin]) => {
      const socket = await dial(victim)
      await begin(socket)
      return [doing, socket] as const
    }),
  )
  await setTimeout(50)
  succeeded(await remove(victim))
  for (const [doing, socket] of sockets) {
    socket.resume()
    assert.ok(await closesSoon(socket), doing)
  }
  assert.equal(auditedLast().connectionsClosed, sockets.length)
  assert.equal((await admin.get(docsPath('orders', 'half'))).status, 404)
})

test('200 connections at once are closed within a second, and the audit line says so', async () => {
  const victim = await registered(user)
  const sockets = await Promise.all(Array.from({ length: 200 }, () => dial(victim)))
  for (const socket of sockets) socket.resume()
  const edit = { Name: 'victim', Thumbprint: victim.thumbprint, SecurityClearance: 'ValidUser' }
  succeeded(await admin.post(`${certificatesPath}/edit`, edit))
  const closed = await Promise.all(sockets.map(closesSoon))
  assert.equal(closed.filter(Boolean).length, 200)
  assert.equal(auditedLast().connectionsClosed, 200)
  succeeded(await remove(victim))
})

test('a resumed session does not carry a deleted identity on', async () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const victim = await registered(user)
    const first = await dial(victim, { maxVersion })
    first.write(`GET ${docsPath('orders', 'd/1')} ${head}\r\n`)
    await once(first, 'data')
    const session = first.getSession()
    first.resume()
    succeeded(await remove(victim))
    assert.ok(await closesSoon(first))
    const resumed = await dial(victim, { maxVersion, session })
    assert.equal(resumed.isSessionReused(), true, maxVersion)
    resumed.write(`GET ${docsPath('orders', 'd/1')} ${head}\r\n`)
    const [answer] = await once(resumed, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 403 /)
    resumed.destroy()
  }
})

test('a renewal’s connections fall with the certificate that was registered', async () => {
  const keys = await makeKeyPair('p-256')
  const [old, renewed] = [
    await clientCredentials(issuer, { commonName: 'old', keys }),
    await clientCredentials(issuer, { commonName: 'new', keys }),
  ]
  const Certificate = Buffer.from(old.cert + issuer.cert).toString('base64')
  succeeded(await admin.put(certificatesPath, { Name: 'renewing', Certificate, ...user }))
  const socket = await dial(renewed)
  socket.write(`GET ${docsPath('orders', 'd/1')} ${head}\r\n`)
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 200 /)
  socket.resume()
  succeeded(await remove(old))
  assert.ok(await closesSoon(socket))
})

test('a certificate that ends by time loses its connections at the instant', async () => {
  const end = Date.now() + 1_500
  const ending = { ...user, PermissionExpirations: { orders: new Date(end).toISOString() } }
  const victim = await registered(ending)
  const socket = await dial(victim)
  socket.resume()
  await setTimeout(Math.max(0, end - Date.now() - 300))
  assert.equal(socket.closed, false)
  await once(socket, 'close')
  const lateMs = Date.now() - end
  assert.ok(lateMs >= 0 && lateMs < 1_000, `${lateMs} ms`)
  assert.deepEqual(
    [server.audited.at(-1)?.act, auditedLast().connectionsClosed],
    ['rights ended', 1],
  )
})

test('an administrator who was deleted while his request was on its way registers nobody', async () => {
  const second = await registered({ SecurityClearance: 'ClusterAdmin' })
  const stranger = await clientCredentials(issuer, {
    commonName: 'stranger',
    keys: await makeKeyPair('p-256'),
  })
  const body = JSON.stringify({
    Name: 'stranger',
    Certificate: stranger.der,
    SecurityClearance: 'ClusterAdmin',
  })
  const socket = await dial(second)
  socket.write(`PUT ${certificatesPath} ${head}Content-Length: ${body.length}\r\n\r\n`)
  socket.write(body.slice(0, 100))
  await setTimeout(50)
  succeeded(await remove(second))
  socket.write(body.slice(100))
  socket.resume()
  assert.ok(await closesSoon(socket))
  const found = await admin.get(`${certificatesPath}?thumbprint=${stranger.thumbprint}`)
  assert.equal(found.status, 404)
})

test('whoever lowers his own certificate hears that it was done, and is out of what he lost', async () => {
  const operator = await registered({ SecurityClearance: 'Operator' })
  await using lowered = await server.caller(operator)
  const edit = { Name: 'me', Thumbprint: operator.thumbprint, SecurityClearance: 'ValidUser' }
  assert.equal((await lowered.post(`${certificatesPath}/edit`, edit)).status, 201)
  await setTimeout(1_000)
  assert.equal((await lowered.get(certificatesPath)).status, 403)
  succeeded(await remove(operator))
})
