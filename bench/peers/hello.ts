/** The bare `node:https` server as a peer: what TLS, HTTP and one thread of Node cost before any database does a thing. */
import path from 'node:path'
import { load } from '../load.ts'
import { type BenchPki, pkiFiles } from '../pki.ts'
import { alive, start, stop, until } from '../process.ts'
import { type Means, type PeerServer, warmUpSeconds } from './peer.ts'

/** Starts it. */
export async function hello(means: Means, pki: BenchPki): Promise<PeerServer> {
  const main = path.join(import.meta.dirname, '../hello-server.ts')
  const files = pkiFiles(pki, means.folder)
  const { child, printed } = start(process.execPath, [main, files.serverCert, files.serverKey])
  const url = await until(child, () => /available on: (\S+)/.exec(printed())?.[1])
  const access = { url, ca: files.ca, cert: files.clientCert, key: files.clientKey }
  await until(child, () => alive(access))
  const task = {
    ...access,
    serverName: 'localhost',
    method: 'GET',
    path: '/{n}',
    targets: means.documents,
    warmUpSeconds,
  } as const
  const peer = {
    name: 'node:https hello',
    whats: ['get'] as const,
    run: (_: string, connections: number, seconds: number) =>
      load({ ...task, connections, seconds }, means.folder, means.vegeta),
  }
  return { peers: [peer], close: () => stop(child) }
}
