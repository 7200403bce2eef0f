/** Small servers over plain HTTP inside the cluster: probes and answers to CAs. Nothing secret goes over them. */
import type { RequestListener, ServerOptions } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Not imported: an import reads every export of the module, and one of them loads a web client of 14 MB. */
const { createServer } = process.getBuiltinModule('node:http')

export interface PlainServer extends AsyncDisposable {
  readonly port: number
}

export interface PlainServerWish extends ServerOptions {
  /** 0: a free one. */
  readonly port: number
  /** All are let in where it is left out. */
  readonly connectionsMax?: number
}

/** Listens on every address; its end cuts whoever is still there. Rejects where the port cannot be had. */
export async function plainServer(
  { port, connectionsMax, ...options }: PlainServerWish,
  listener: RequestListener,
): Promise<PlainServer> {
  const server = createServer(options, listener)
  if (connectionsMax !== undefined) server.maxConnections = connectionsMax
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
