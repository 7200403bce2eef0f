/**
 * Room for those who are known. A connection is a stranger's until a request on it showed a registered certificate; where there are too many
 * strangers, of one address or altogether, the oldest of them is closed for the next. So whoever holds connections without ever saying
 * who he is keeps nobody out: who comes with a certificate needs to be among the newest for a handshake only.
 */
import type { Server } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import {
  connectionsMax,
  knownConnectionsMax,
  knownConnectionsPerCallerMax,
  strangersMax,
} from '#server/limits.ts'

export interface GuardBounds {
  readonly connectionsMax: number
  readonly strangersMax: number
  readonly strangersPerAddressMax: number
  readonly knownMax: number
  readonly knownPerCallerMax: number
}

/** The bounds of a server. */
export function guardBounds(strangersPerAddressMax: number): GuardBounds {
  return {
    ...{ connectionsMax, strangersMax, strangersPerAddressMax },
    ...{ knownMax: knownConnectionsMax, knownPerCallerMax: knownConnectionsPerCallerMax },
  }
}

/** Both the TCP connection and the TLS one over it. */
export type Ends = Pick<Socket, 'remoteAddress' | 'remotePort'>

interface Stranger {
  readonly socket: Socket
  readonly address: string
}

export class ConnectionGuard {
  readonly #bounds: GuardBounds
  /** By their ends, the oldest first, as in every map. */
  readonly #strangers = new Map<string, Stranger>()
  readonly #byAddress = new Map<string, Map<string, Stranger>>()
  /** Ends → caller. */
  readonly #known = new Map<string, string>()
  readonly #byCaller = new Map<string, number>()

  constructor(bounds: GuardBounds) {
    this.#bounds = bounds
  }

  /** Watches over the connections of that server. */
  follow<S extends Server>(server: S): S {
    // Ours is the bound: beyond it the server would refuse whoever comes next.
    server.maxConnections = this.#bounds.connectionsMax * 2
    server.on('connection', (socket: Socket) => this.#came(socket))
    return server
  }

  /** A request on this connection was let in: it is kept, unless its caller has many already. */
  know(ends: Ends, caller: string): void {
    const key = keyOf(ends)
    const held = this.#byCaller.get(caller) ?? 0
    const { knownMax, knownPerCallerMax } = this.#bounds
    if (!this.#strangers.has(key) || held >= knownPerCallerMax || this.#known.size >= knownMax)
      return
    this.#forget(key)
    this.#known.set(key, caller)
    this.#byCaller.set(caller, held + 1)
  }

  get figures(): { readonly strangers: number; readonly known: number } {
    return { strangers: this.#strangers.size, known: this.#known.size }
  }

  #came(socket: Socket): void {
    const key = keyOf(socket)
    const stranger = { socket, address: networkOf(socket.remoteAddress ?? '') }
    socket.once('close', () => this.#gone(key))
    const neighbours = this.#byAddress.get(stranger.address) ?? new Map<string, Stranger>()
    this.#byAddress.set(stranger.address, neighbours.set(key, stranger))
    this.#strangers.set(key, stranger)
    const { strangersPerAddressMax, strangersMax: most, connectionsMax: all } = this.#bounds
    if (neighbours.size > strangersPerAddressMax) this.#closeOldest(neighbours)
    if (this.#strangers.size > most || this.#strangers.size + this.#known.size > all)
      this.#closeOldest(this.#strangers)
  }

  #closeOldest(strangers: ReadonlyMap<string, Stranger>): void {
    for (const [key, { socket }] of strangers) {
      this.#forget(key)
      socket.destroy()
      return
    }
  }

  #forget(key: string): void {
    const stranger = this.#strangers.get(key)
    if (stranger === undefined) return
    this.#strangers.delete(key)
    const neighbours = this.#byAddress.get(stranger.address)
    neighbours?.delete(key)
    if (neighbours?.size === 0) this.#byAddress.delete(stranger.address)
  }

  #gone(key: string): void {
    this.#forget(key)
    const caller = this.#known.get(key)
    if (caller === undefined) return
    this.#known.delete(key)
    const left = (this.#byCaller.get(caller) ?? 1) - 1
    if (left === 0) this.#byCaller.delete(caller)
    else this.#byCaller.set(caller, left)
  }
}

function keyOf({ remoteAddress = '', remotePort = 0 }: Ends): string {
  return `${remoteAddress} ${remotePort}`
}

/** One caller has all addresses of an IPv6 network of 64 bits. */
export function networkOf(address: string): string {
  const mapped = address.toLowerCase().startsWith('::ffff:') ? address.slice(7) : address
  if (!isIPv6(mapped)) return mapped
  const [before = '', after] = mapped.split('::')
  const first = before === '' ? [] : before.split(':')
  const rest = after === undefined || after === '' ? [] : after.split(':')
  const zeros = after === undefined ? 0 : Math.max(0, 8 - first.length - rest.length)
  return [...first, ...Array<string>(zeros).fill('0'), ...rest].slice(0, 4).join(':')
}
