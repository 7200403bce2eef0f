/**
 * The first words of a TLS client, read before TLS itself sees them (RFC 8446 section 4.1.2): which name it asks for, and which
 * protocols it offers. What does not read as such is left to TLS, which knows how to refuse it.
 */
import { clientHelloBytesMax } from '#server/limits.ts'

export type Peeked =
  /** More bytes have to come. */
  | { readonly kind: 'more' }
  /** No ClientHello, or none that could be read. */
  | { readonly kind: 'other' }
  | ClientHello

export interface ClientHello {
  readonly kind: 'hello'
  /** As it was sent; nothing where it names no host. */
  readonly serverName: string | undefined
  /** In its order; none where it offers none. */
  readonly protocols: readonly string[]
}

const other: Peeked = { kind: 'other' }
const more: Peeked = { kind: 'more' }

/** `bytes`: all that came so far. */
export function readClientHello(bytes: Buffer): Peeked {
  const message = handshakeMessage(bytes)
  if (!Buffer.isBuffer(message)) return message
  try {
    return helloIn(new Reader(message))
  } catch (error) {
    if (error instanceof CutShort) return other
    throw error
  }
}

const handshakeRecord = 22
const clientHello = 1

/** The body of the first message, put together from its records. Those behind it do not matter. */
function handshakeMessage(bytes: Buffer): Buffer | Peeked {
  const { message, isBroken } = fragmentsIn(bytes)
  if (message.length > 0 && message[0] !== clientHello) return other
  const size = message.length < 4 ? undefined : 4 + message.readUIntBE(1, 3)
  if (size !== undefined && size > clientHelloBytesMax) return other
  if (size !== undefined && message.length >= size) return message.subarray(4, size)
  return isBroken ? other : more
}

/** What the records in front hold, up to one that is none of a handshake's. */
function fragmentsIn(bytes: Buffer): { readonly message: Buffer; readonly isBroken: boolean } {
  const parts: Buffer[] = []
  let at = 0
  while (bytes[at] === handshakeRecord && at + 5 <= bytes.length) {
    const size = bytes.readUInt16BE(at + 3)
    if (size === 0) return { message: Buffer.concat(parts), isBroken: true }
    parts.push(bytes.subarray(at + 5, at + 5 + size))
    at += 5 + size
  }
  const isBroken = at < bytes.length && bytes[at] !== handshakeRecord
  return { message: Buffer.concat(parts), isBroken }
}

const serverNameExtension = 0
const protocolsExtension = 16

function helloIn(body: Reader): ClientHello {
  body.take(2 + 32)
  body.vector(1)
  body.vector(2)
  body.vector(1)
  let serverName: string | undefined
  let protocols: readonly string[] | undefined
  const extensions = body.isAtEnd ? new Reader(Buffer.alloc(0)) : body.vector(2)
  while (!extensions.isAtEnd) {
    const type = extensions.number(2)
    const content = extensions.vector(2)
    if (type === serverNameExtension) serverName ??= hostName(content)
    if (type === protocolsExtension) protocols ??= protocolNames(content)
  }
  return { kind: 'hello', serverName, protocols: protocols ?? [] }
}

/** The first entry of kind 0, which is a host (RFC 6066 section 3). */
function hostName(content: Reader): string | undefined {
  const list = content.vector(2)
  while (!list.isAtEnd) {
    const kind = list.number(1)
    const name = list.vector(2)
    if (kind === 0) return name.text()
  }
  return undefined
}

/** RFC 7301 section 3.1. */
function protocolNames(content: Reader): string[] {
  const list = content.vector(2)
  const names: string[] = []
  while (!list.isAtEnd) names.push(list.vector(1).text())
  return names
}

/** A length says more than there is. */
class CutShort extends Error {
  override readonly name = 'CutShort'
}

/** Reads from the front, never past the end. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  take(count: number): Buffer {
    const end = this.#at + count
    if (end > this.#bytes.length) throw new CutShort('a length says more than there is')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  number(bytes: 1 | 2): number {
    return this.take(bytes).readUIntBE(0, bytes)
  }

  /** What follows its own length. */
  vector(lengthBytes: 1 | 2): Reader {
    return new Reader(this.take(this.number(lengthBytes)))
  }

  /** The rest, one character a byte. */
  text(): string {
    return this.#bytes.subarray(this.#at).toString('latin1')
  }
}
