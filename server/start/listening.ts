/** Opens the port, and closes it so that requests on their way are still answered. */
import type { IncomingMessage } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { errors } from '#server/errors.ts'
import type { HttpServer } from '#server/http/server.ts'
import { closeGraceMs } from '#server/limits.ts'
import { type ListenAddress, urlOf } from '#server/tls/address.ts'

export interface Listening {
  /** With the port that was taken. */
  readonly address: ListenAddress
  /** Takes no more connections; answers what is under way for at most `graceMs`, then cuts what is left. */
  stop(graceMs?: number): Promise<void>
}

/** A port that is ours, and not open yet: whoever comes is sent away. */
export interface Door extends AsyncDisposable {
  /** With the port that was taken. */
  readonly address: ListenAddress
  /** The server that holds it until another one takes it over. */
  readonly holder: Server
}

/** Takes the port before anything else is done: a second server on it must fail before it has touched the data. Throws `ListenFailed`. */
export async function takePort(address: ListenAddress): Promise<Door> {
  const holder = createServer((socket) => socket.destroy())
  await bind(holder, address)
  const bound = holder.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
  return {
    address: { ...address, port },
    holder,
    [Symbol.asyncDispose]: () => closed(holder),
  }
}

/** Opens the door: from here on the application answers. It closes the port, too. */
export async function listen(app: HttpServer, { address, holder }: Door): Promise<Listening> {
  await app.ready()
  const sockets = followSockets(app.server)
  await new Promise<void>((resolve, reject) => {
    app.server.once('error', reject)
    // Listens on what the holder has bound.
    app.server.listen(holder, () => {
      app.server.off('error', reject)
      resolve()
    })
  })
  return { address, stop: (graceMs = closeGraceMs) => stop(app, sockets, graceMs) }
}

function bind(server: Server, address: ListenAddress): Promise<void> {
  const { host, port } = address
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(errors.ListenFailed(urlOf(address), error.code ?? error.message))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

/** Also of one whose port another server has taken over and closed. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

interface Sockets {
  /** All that are open. */
  readonly open: ReadonlySet<Socket>
  /** Those that have not asked anything yet: the HTTP server does not count them as idle. */
  readonly silent: ReadonlySet<Socket>
}

function followSockets(server: HttpServer['server']): Sockets {
  const [open, silent] = [new Set<Socket>(), new Set<Socket>()]
  const follow = (set: Set<Socket>) => (socket: Socket) => {
    set.add(socket)
    socket.once('close', () => set.delete(socket))
  }
  // On TLS the HTTP server sees another socket, which comes after the handshake.
  const isTls = 'setSecureContext' in server
  server.on('connection', follow(open))
  server.on(isTls ? 'secureConnection' : 'connection', follow(silent))
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(socket))
  return { open, silent }
}

async function stop(app: HttpServer, sockets: Sockets, graceMs: number): Promise<void> {
  const { server } = app
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  for (const socket of sockets.silent) socket.destroy()
  server.closeIdleConnections()
  // A connection becomes idle when its answer is out: those are looked for again and again.
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs)
  const cut = setTimeout(() => {
    for (const socket of sockets.open) socket.destroy()
  }, graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
  await app.close()
}

const idleCheckMs = 50
