/** Small DNS servers for tests: one on loopback over UDP and TCP, and a network of them that needs no socket. */
import { createSocket } from 'node:dgram'
import { type AddressInfo, createServer } from 'node:net'
import { type Ask, NoAnswer } from '#shared/acme/dns/ask.ts'
import { type Endpoint, endpointText } from '#shared/acme/dns/endpoint.ts'
import { encodeName } from '#shared/acme/dns/name.ts'
import {
  type Decoded,
  type DnsRecord,
  decodeMessage,
  encodeMessage,
  Flag,
  type Message,
  RecordClass,
  RecordType,
  txtContent,
} from '#shared/acme/dns/wire.ts'

export interface DnsServer extends AsyncDisposable {
  readonly endpoint: Endpoint
  /** How each message came. */
  readonly ways: ('udp' | 'tcp')[]
}

export interface DnsQuestion {
  readonly bytes: Buffer
  readonly message: Decoded
  readonly way: 'udp' | 'tcp'
}

/** `answer` gives the bytes to send, or nothing to stay silent (and, over TCP, to hang up). */
export async function dnsServer(
  answer: (question: DnsQuestion) => Buffer | undefined,
): Promise<DnsServer> {
  const ways: ('udp' | 'tcp')[] = []
  const answered = (bytes: Buffer, way: 'udp' | 'tcp'): Buffer | undefined => {
    ways.push(way)
    return answer({ bytes, message: decodeMessage(bytes), way })
  }
  const listener = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (part: Buffer) => {
      const bytes = answered(part.subarray(2), 'tcp')
      if (bytes === undefined) return socket.destroy()
      const length = Buffer.alloc(2)
      length.writeUInt16BE(bytes.length)
      // In two pieces, as a slow network brings them.
      socket.write(Buffer.concat([length, bytes.subarray(0, 5)]))
      setImmediate(() => socket.end(bytes.subarray(5)))
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  const datagrams = createSocket('udp4')
  datagrams.on('message', (part, from) => {
    const bytes = answered(part, 'udp')
    if (bytes !== undefined) datagrams.send(bytes, from.port, from.address)
  })
  await new Promise<void>((resolve) => datagrams.bind(port, '127.0.0.1', resolve))
  return {
    endpoint: { host: '127.0.0.1', port },
    ways,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => datagrams.close(() => resolve()))
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

/** The answer to a message, with the rest as given. */
export function replyTo(message: Message, parts: Partial<Message> = {}): Buffer {
  return encodeMessage({
    ...message,
    flags: Flag.answer,
    rcode: 0,
    ...{ answers: [], authorities: [], additionals: [] },
    ...parts,
  })
}

/** `rr('example.com', 'NS', 'ns1.example.com')`, `rr('a.example.com', 'TXT', 'text')`. */
export function rr(name: string, type: keyof typeof RecordType, text: string): DnsRecord {
  return {
    name,
    type: RecordType[type],
    class: RecordClass.IN,
    ttl: 60,
    content: contentOf(type, text),
  }
}

function contentOf(type: keyof typeof RecordType, text: string): Buffer {
  if (type === 'TXT') return txtContent(text)
  if (type === 'A') return Buffer.from(text.split('.').map(Number))
  if (type === 'AAAA') return Buffer.from(text.replaceAll(':', ''), 'hex')
  if (type !== 'SOA') return encodeName(text)
  return Buffer.concat([encodeName(text), encodeName(text), Buffer.alloc(20)])
}

/** What a server of the network does: records that it has, a number to refuse with, or silence. */
export type FakeDns = readonly DnsRecord[] | number | 'silent'

/** `servers`: `host:port` → what it does; read at each question, so a test may change it. */
export function dnsNetwork(servers: Record<string, FakeDns>): Ask & { readonly asked: string[] } {
  const asked: string[] = []
  const ask: Ask = async ({ server, name, type, recursion }) => {
    const at = endpointText(server)
    asked.push(`${at} ${name} ${type}${recursion ? ' recursively' : ''}`)
    const does = servers[at] ?? 'silent'
    if (does === 'silent') throw new NoAnswer(server, 'nothing came in time')
    const empty = { id: 1, flags: Flag.answer, opcode: 0, questions: [], authorities: [] }
    if (typeof does === 'number') return { ...empty, rcode: does, answers: [], additionals: [] }
    const named = does.filter((record) => record.name === name)
    const answers = named.filter((each) => each.type === type || each.type === RecordType.CNAME)
    return { ...empty, rcode: named.length === 0 ? 3 : 0, answers, additionals: [] }
  }
  return Object.assign(ask, { asked })
}
