/** What hostile callers do: beginnings, ends and mixtures of requests, over TLS or TCP, cut off at any moment. */
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Seeded } from './seeded.ts'

/** Where to, and over what: TLS with these options, or bare TCP where there are none. */
export interface Target {
  readonly port: number
  readonly tls?: ConnectionOptions
}

export interface Line {
  /** The TCP connection, which can be reset. */
  readonly tcp: Socket
  /** What to write on: TLS over it, or itself. */
  readonly socket: Socket | TLSSocket
}

const head = 'HTTP/1.1\r\nHost: localhost\r\n'

/** Requests and parts of them: as they should be, and as they should not. */
export const scraps: readonly string[] = [
  `RESET /databases/hostile/indexes?name=x ${head}\r\n`,
  `RESET /databases/hostile/indexes ${head}Content-Length: 10\r\n\r\n`,
  `PURGE /databases/hostile/indexes ${head}\r\n`,
  `GET /databases/hostile/docs ${head}\r\n`,
  `GET /databases/hostile/docs ${head}Connection: close\r\n\r\n`,
  `HEAD /databases/hostile/docs?id=d/1 ${head}\r\n`,
  `PUT /databases/hostile/docs?id=half ${head}Content-Length: 20\r\n\r\n{"a":1`,
  `POST /databases/hostile/bulk_docs ${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  `CONNECT a:1 ${head}\r\n`,
  `GET / ${head}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  `PUT /databases/hostile/docs?id=half ${head}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
  `POST /x ${head}Expect: something\r\nContent-Length: 5\r\n\r\n`,
  `OPTIONS * ${head}\r\n`,
  'GET /metrics HTTP/1.0\r\n\r\n',
  `GET //%00?%zz&&=1 ${head}\r\n`,
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'RES',
  'ET ',
  '\r\n\r\n',
  '5\r\nabcde\r\n',
  '0\r\n\r\n',
]

/** Connects; resolves whatever becomes of it. Errors of the connection are nobody's business here. */
export async function dial({ port, tls }: Target): Promise<Line> {
  const tcp = connectTcp({ port, host: '127.0.0.1', noDelay: true }).on('error', () => undefined)
  const closed = once(tcp, 'close')
  if (tls === undefined) {
    await Promise.race([once(tcp, 'connect'), closed])
    return { tcp, socket: tcp }
  }
  const socket = connectTls({ servername: 'localhost', ...tls, socket: tcp })
  socket.on('error', () => undefined)
  await Promise.race([once(socket, 'secureConnect').catch(() => undefined), closed])
  return { tcp, socket }
}

/** One conversation at random, and a bad end of it. */
export async function misbehave(target: Target, random: Seeded): Promise<void> {
  const line = await dial(target)
  const { socket } = line
  if (random.chance(0.7)) socket.resume()
  for (let left = random.whole(1, 6); left > 0 && !socket.destroyed; left -= 1) {
    socket.write(mutilated(random))
    if (random.chance(0.6)) await setTimeout(random.whole(0, 10))
  }
  if (random.chance(0.3)) socket.end()
  await setTimeout(random.whole(0, 20))
  if (random.chance(0.7)) cut(line)
  else line.tcp.destroy()
}

/** Resets the connection. One whose end was sent is only closed: Node never closes its handle after a reset that came too late. */
export function cut({ tcp, socket }: Line): void {
  if (socket.writableEnded || tcp.writableEnded) tcp.destroy()
  else tcp.resetAndDestroy()
}

function mutilated(random: Seeded): Buffer {
  if (random.chance(0.1)) return random.bytes(random.whole(1, 500))
  const texts = Array.from({ length: random.whole(1, 3) }, () => random.pick(scraps))
  const bytes = Buffer.from(texts.join(''))
  if (random.chance(0.1)) bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255)
  return random.chance(0.2) ? bytes.subarray(0, random.whole(1, bytes.length)) : bytes
}
