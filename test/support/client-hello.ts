/** The first words of real TLS clients, for whoever reads or repeats them. */
import { createServer } from 'node:net'
import { type ConnectionOptions, connect } from 'node:tls'
import { portOf } from './http-calls.ts'

/** What a client with these options says first. */
export async function firstWordsOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const said = new Promise<Buffer>((resolve) =>
    server.once('connection', (socket) => {
      socket.on('error', () => socket.destroy())
      socket.once('data', (bytes: Buffer) => {
        socket.destroy()
        resolve(bytes)
      })
    }),
  )
  const client = connect({ port: portOf(server), ...options }).on('error', () => undefined)
  const bytes = await said
  client.destroy()
  await new Promise((resolve) => server.close(resolve))
  return bytes
}
