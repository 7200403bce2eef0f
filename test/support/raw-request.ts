/** Bytes on a TLS or TCP connection, whatever they are, and what comes back before the other side closes or falls silent. */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ServerProcess } from './server-process.ts'

/** Sends over mutual TLS as the administrator. `half`: the sender closes its side at once. */
export function rawTls(
  server: ServerProcess,
  bytes: string | Buffer,
  options: { readonly half?: boolean; readonly quietMs?: number } = {},
): Promise<string> {
  const { port } = new URL(server.url)
  const socket = connectTls({
    host: '127.0.0.1',
    port: Number(port),
    servername: 'localhost',
    ca: server.ca,
    ...server.admin,
  })
  return exchange(socket, bytes, options)
}

/** Sends without TLS to the TLS port. */
export function rawTcp(
  server: ServerProcess,
  bytes: string | Buffer,
  options: { readonly half?: boolean; readonly quietMs?: number } = {},
): Promise<string> {
  const { port } = new URL(server.url)
  return exchange(connectTcp({ host: '127.0.0.1', port: Number(port) }), bytes, options)
}

function exchange(
  socket: Socket,
  bytes: string | Buffer,
  { half = false, quietMs = 500 }: { readonly half?: boolean; readonly quietMs?: number },
): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    socket.setTimeout(quietMs, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(text))
    socket.write(bytes)
    if (half) socket.end()
  })
}
