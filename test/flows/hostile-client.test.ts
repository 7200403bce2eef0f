/** Callers that want to end the process: it stays alive, answers everybody else, and finds nothing of it worth an error in its log. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { createDatabase, docsPath } from '#test/support/api.ts'
import type { Caller } from '#test/support/caller.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { cut, dial, misbehave, type Target } from '#test/support/hostile.ts'
import { portOf } from '#test/support/http-calls.ts'
import { seeded } from '#test/support/seeded.ts'
import { type ServerProcess, startServer } from '#test/support/server-process.ts'

const folder = temporaryFolder('hostile-client')
let server: ServerProcess
let admin: Caller
before(async () => {
  server = await startServer({ folder: folder.path })
  admin = server.caller()
  await createDatabase(admin, 'hostile')
  const commands = Array.from({ length: 3_000 }, (_, index) => ({
    Type: 'PUT',
    Id: `d/${index}`,
    Document: { text: 'x'.repeat(1_000) },
  }))
  const { status } = await admin.post('/databases/hostile/bulk_docs', { Commands: commands })
  assert.equal(status, 201)
})
after(async () => {
  await admin[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const head = 'HTTP/1.1\r\nHost: localhost\r\n'
const reset = `RESET /databases/hostile/indexes?name=x ${head}\r\n`
const list = `GET /databases/hostile/docs ${head}\r\n`
const momentsMs = [0, 1, 3, 10, 30]

function target(tls: object = {}): Target {
  const { ca, admin: identity } = server
  return { port: Number(new URL(server.url).port), tls: { ca, ...identity, ...tls } }
}

const conversations: Readonly<Record<string, readonly string[]>> = {
  'two RESETs': [reset, reset],
  'ten RESETs at once': [reset.repeat(10)],
  'a RESET after another request': [`GET /databases ${head}\r\n`, reset],
  'half of a RESET': [reset.slice(0, 20)],
  'half of an upload': [
    `PUT ${docsPath('hostile', 'half')} ${head}Content-Length: 99\r\n\r\n{"a":`,
  ],
  'half of an upload in chunks': [
    `POST /databases/hostile/bulk_docs ${head}Transfer-Encoding: chunked\r\n\r\n`,
    '5\r\n{"Com\r\n',
  ],
  'a streamed answer': [list],
  'ten streamed answers': [list.repeat(10)],
}
for (const [name, texts] of Object.entries(conversations))
  test(`a connection that is reset during ${name} does no harm`, async () => {
    for (const waitMs of momentsMs) {
      const line = await dial(target())
      const socket = line.socket.on('data', () => undefined)
      for (const text of texts) {
        socket.write(text)
        await setTimeout(waitMs)
      }
      cut(line)
    }
    await fine()
  })

test('a handshake that is cut anywhere does no harm', async () => {
  const bytes = await firstBytes()
  for (let length = 0; length < bytes.length; length += 37) {
    const line = await dial({ port: target().port })
    line.tcp.write(bytes.subarray(0, length))
    await setTimeout(1)
    if (length % 2 === 0) cut(line)
    else line.tcp.end()
  }
  await fine()
})

test('a handshake that begins again and again does no harm', async () => {
  const line = await dial(target({ maxVersion: 'TLSv1.2' }))
  const socket = line.socket as TLSSocket
  for (let again = 0; again < 10 && !socket.destroyed; again += 1) {
    socket.renegotiate({}, () => undefined)
    await setTimeout(20)
  }
  cut(line)
  await fine()
})

test('three hundred callers whose headers never end keep nobody out', async () => {
  const lines = await Promise.all(Array.from({ length: 300 }, () => dial(target())))
  for (const { socket } of lines) socket.write('GET / HTTP/1.1\r\nX')
  await fine()
  for (const { socket } of lines) socket.write('-')
  await fine()
  for (const line of lines) cut(line)
  await fine()
})

test('readers that do not read keep nobody out', async () => {
  const lines = await Promise.all(Array.from({ length: 20 }, () => dial(target())))
  for (const { socket } of lines) socket.pause().write(list.repeat(5))
  await setTimeout(300)
  await fine()
  for (const line of lines) cut(line)
  await fine()
})

test('conversations at random do no harm', async (t) => {
  const seed = Number(process.hrtime.bigint() % 1_000_000n)
  t.diagnostic(`seed ${seed}`)
  const random = seeded(seed)
  const identities = [{}, { cert: undefined, key: undefined }, { maxVersion: 'TLSv1.2' }] as const
  for (let round = 0; round < 40; round += 1) {
    const callers = Array.from({ length: 10 }, () =>
      misbehave(
        random.chance(0.1) ? { port: target().port } : target(random.pick(identities)),
        random,
      ),
    )
    await Promise.all(callers)
  }
  await fine()
})

/** What a TLS client says first. */
async function firstBytes(): Promise<Buffer> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const caller = dial({ port: portOf(listener), tls: {} })
  const [socket] = (await once(listener, 'connection')) as [Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  listener.close()
  await caller
  return bytes
}

/** The server lives, answers the next request, and logged no mistake of its own. */
async function fine(): Promise<void> {
  const { status } = await admin.get(docsPath('hostile', 'd/1'))
  assert.equal(status, 200)
  assert.ok(server.alive)
  const mistakes = server
    .log()
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"/.test(line))
  assert.deepEqual(mistakes, [])
}
