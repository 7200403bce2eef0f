/** Raw requests over TLS or TCP, for tests that look at the wire. */
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'

/** Sends the bytes and resolves with everything that came back when the other side closed or went silent for `quietMs`. */
export function exchange(socket: Socket, bytes: string | Buffer, quietMs = 2_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const text = () => Buffer.concat(parts).toString('latin1')
    socket.on('data', (part: Buffer) => parts.push(part))
    // Whole then, whatever becomes of the connection: one that ends on both sides at once may be reset.
    socket.once('end', () => resolve(text()))
    socket.once('close', () => resolve(text()))
    socket.once('error', reject)
    socket.setTimeout(quietMs, () => socket.destroy())
    socket.write(bytes)
  })
}

/** An open TLS connection. */
export function tlsSocket(options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ servername: 'localhost', ...options }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** An open TCP connection on loopback. */
export function tcpSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ port, host: '127.0.0.1' }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Port of a listening server. */
export function portOf(server: { address(): unknown }): number {
  return (server.address() as { port: number }).port
}
