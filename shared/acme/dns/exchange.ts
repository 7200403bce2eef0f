/** Sends one DNS message to one server and gives back the bytes of its answer, over UDP or TCP; bounded in time. */
import { createSocket, type SocketOptions } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Egress } from '#shared/egress.ts'
import type { Endpoint } from './endpoint.ts'

/** A server, and where connections may go: anywhere where left out. */
export interface Reached extends Endpoint {
  readonly egress?: Egress | undefined
}

/** Sends a datagram and waits for one that belongs to it: what else arrives may come from anybody. */
export function overUdp(
  { host, port, egress }: Reached,
  request: { readonly bytes: Buffer; readonly belongs: (answer: Buffer) => boolean },
  signal: AbortSignal,
): Promise<Buffer> {
  if (egress?.allows(host) === false) return refused()
  const type = isIPv6(host) ? 'udp6' : 'udp4'
  const socket = createSocket(
    egress === undefined ? { type } : { type, lookup: egress.lookup as SocketOptions['lookup'] },
  )
  return until<Buffer>(signal, (resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (answer) => {
      if (request.belongs(answer)) resolve(answer)
    })
    socket.connect(port, host, () => {
      socket.send(request.bytes, (error) => {
        if (error !== null) reject(error)
      })
    })
  }).finally(() => socket.close())
}

/** One connection, one message, one answer, each behind its length (RFC 1035 section 4.2.2). */
export function overTcp(
  { host, port, egress }: Reached,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<Buffer> {
  if (egress?.allows(host) === false) return refused()
  const socket = connect({ host, port, ...(egress && { lookup: egress.lookup }) })
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return until<Buffer>(signal, (resolve, reject) => {
    let received = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('connect', () => socket.write(Buffer.concat([length, bytes])))
    socket.on('data', (part) => {
      received = Buffer.concat([received, part])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)))
    })
    socket.on('close', () => reject(new Error('it closed the connection without an answer')))
  }).finally(() => socket.destroy())
}

function refused(): Promise<never> {
  return Promise.reject(new Error('the address is refused'))
}

/** The promise of `begin`, or the signal's reason. */
function until<T>(
  signal: AbortSignal,
  begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const end = (): void => reject(signal.reason)
    const unhook = (): void => signal.removeEventListener('abort', end)
    if (signal.aborted) return end()
    signal.addEventListener('abort', end, { once: true })
    begin(
      (value) => {
        unhook()
        resolve(value)
      },
      (error) => {
        unhook()
        reject(error)
      },
    )
  })
}
