/**
 * A resolver for the ACME server: it asks Knot alone, and follows aliases (CNAME) from one zone into the other, as a resolver
 * on the internet does and an authoritative server does not. It knows addresses and texts (RFC 1035 section 4, RFC 3596).
 */
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { freePort } from './free-port.ts'

export interface AliasResolver extends AsyncDisposable {
  readonly port: number
}

const headerBytes = 12
const aliasesMax = 8
const codes = { none: 0, serverFailure: 2, noSuchName: 3 }
const noSuchData = ['ENODATA', 'ENOTFOUND']

/** Values of a record, as they are sent. */
type Lookup = (names: Resolver, name: string) => Promise<Buffer[]>

const lookups: Readonly<Record<number, Lookup>> = {
  1: async (names, name) =>
    (await names.resolve4(name)).map((address) => Buffer.from(address.split('.').map(Number))),
  16: async (names, name) =>
    (await names.resolveTxt(name)).map((parts) =>
      Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length]), Buffer.from(part)])),
    ),
}

/** `authority`: address and port of Knot. Pebble asks by TCP, everybody else by UDP first. */
export async function aliasResolver(address: string, authority: string): Promise<AliasResolver> {
  const names = new Resolver({ timeout: 500, tries: 2 })
  names.setServers([authority])
  const port = await freePort(address)
  const datagrams = createSocket('udp4')
  datagrams.on('message', (question, asker) => {
    answerTo(question, names).then(
      (answer) => datagrams.send(answer, asker.port, asker.address),
      () => undefined,
    )
  })
  const connections = new Set<Socket>()
  const server = createServer((socket) => {
    connections.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => connections.delete(socket))
    answerAll(socket, names).catch(() => socket.destroy())
  })
  datagrams.bind(port, address)
  server.listen(port, address)
  await Promise.all([once(datagrams, 'listening'), once(server, 'listening')])
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      names.cancel()
      const closed = [once(datagrams, 'close'), once(server, 'close')]
      datagrams.close()
      server.close()
      for (const socket of connections) socket.destroy()
      await Promise.all(closed)
    },
  }
}

/** Questions on a connection, each with its length before it (RFC 1035 section 4.2.2). */
async function answerAll(socket: Socket, names: Resolver): Promise<void> {
  let bytes: Buffer = Buffer.alloc(0)
  for await (const part of socket) {
    bytes = Buffer.concat([bytes, part])
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const end = 2 + bytes.readUInt16BE(0)
      const answer = await answerTo(bytes.subarray(2, end), names)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length)
      socket.write(Buffer.concat([length, answer]))
      bytes = bytes.subarray(end)
    }
  }
}

async function answerTo(message: Buffer, names: Resolver): Promise<Buffer> {
  const { name, end } = nameIn(message)
  const type = message.readUInt16BE(end)
  const question = message.subarray(headerBytes, end + 4)
  try {
    const values = await lookup(names, await endOfAliases(name, names), type)
    const records = values.map((value) => record(type, value))
    return reply(message, codes.none, [question, ...records])
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOTFOUND') return reply(message, codes.noSuchName, [question])
    return reply(message, code === 'ENODATA' ? codes.none : codes.serverFailure, [question])
  }
}

async function lookup(names: Resolver, name: string, type: number): Promise<Buffer[]> {
  return (await lookups[type]?.(names, name)) ?? []
}

async function endOfAliases(name: string, names: Resolver): Promise<string> {
  let at = name
  for (let count = 0; count < aliasesMax; count += 1) {
    const [target] = await names.resolveCname(at).catch(noAlias)
    if (target === undefined) return at
    at = target
  }
  return at
}

function noAlias(error: NodeJS.ErrnoException): string[] {
  if (noSuchData.includes(error.code ?? '')) return []
  throw error
}

/** The first name asked for, and where it ends: names in questions are not compressed (RFC 1035 section 4.1.2). */
function nameIn(question: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = headerBytes
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), end: at + 1 }
}

/** `parts`: the question, then the records. */
function reply(message: Buffer, code: number, parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt16BE(message.readUInt16BE(0), 0)
  header.writeUInt16BE(0x8180 | code, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(parts.length - 1, 6)
  return Buffer.concat([header, ...parts])
}

/** Under the name of the question, to which its first two bytes point; for one second. */
function record(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc000 | headerBytes, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(1, 6)
  head.writeUInt16BE(value.length, 10)
  return Buffer.concat([head, value])
}
