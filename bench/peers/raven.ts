/** Servers that speak RavenDB's API: ours, and the real ones. */
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { load } from '../load.ts'
import { type Access, alive, call, freePort, residentMb, start, stop, until } from '../process.ts'
import {
  type Footprint,
  median,
  ours,
  raven41Encrypted,
  raven41Plain,
  raven72Plain,
} from '../ratios.ts'
import { document, type Means, type Peer, type PeerServer, warmUpSeconds } from './peer.ts'

/** How a server is started on a folder, and where its files lie then. */
interface Product {
  readonly name: string
  readonly begin: (folder: string) => Promise<Begun>
  /** What a first start leaves that is not the data, to be kept when the data goes. */
  readonly dataFolder: (folder: string) => string
  readonly databases: readonly {
    readonly name: string
    readonly database: string
    readonly encrypted: boolean
  }[]
}

interface Begun {
  readonly child: ReturnType<typeof start>['child']
  readonly access: Access
}

/** Ours, with an encrypted database. */
export function strongroom(means: Means): Promise<PeerServer> {
  return serve(means, {
    name: ours,
    dataFolder: (folder) => folder,
    databases: [{ name: ours, database: 'bench', encrypted: true }],
    begin: async (folder) => {
      const main = path.join(import.meta.dirname, '../../server/main.ts')
      const settings = [
        'ServerUrl=https://127.0.0.1:0',
        'ServerUrl.Tcp=tcp://127.0.0.1:0',
        `DataDir=${folder}`,
      ]
      // As `npm start` and the image start it: compiled code is kept from one start to the next.
      const cache = { NODE_COMPILE_CACHE: path.join(means.folder, 'compile') }
      const { child, printed } = start(
        process.execPath,
        [main, ...settings.map((one) => `--${one}`)],
        cache,
      )
      const url = await until(child, () => /available on: (\S+)/.exec(printed())?.[1])
      const file = (name: string): string => path.join(folder, 'certificates', name)
      const access = {
        url: `https://localhost:${new URL(url).port}`,
        ca: file('ca.crt'),
        cert: file('admin.crt'),
        key: file('admin.key'),
      }
      await until(child, () => alive(access))
      return { child, access }
    },
  })
}

/** The real RavenDB 4.1: an encrypted and a plain database. `script` starts it: `<script> start DIR --Key=Value…`. */
export function raven41(means: Means, script: string): Promise<PeerServer> {
  return serve(means, {
    ...real(script),
    name: 'RavenDB 4.1',
    databases: [
      { name: raven41Encrypted, database: 'encrypted', encrypted: true },
      { name: raven41Plain, database: 'plain', encrypted: false },
    ],
  })
}

/** The real RavenDB 7.2 with a plain database: without a licence it refuses encrypted ones. */
export function raven72(means: Means, script: string): Promise<PeerServer> {
  return serve(means, {
    ...real(script),
    name: raven72Plain,
    databases: [{ name: raven72Plain, database: 'plain', encrypted: false }],
  })
}

function real(script: string): Pick<Product, 'begin' | 'dataFolder'> {
  // It keeps its address in its data: another one at a later start would not be itself.
  const ports = Promise.all([freePort(), freePort()])
  return {
    dataFolder: (folder) => path.join(folder, 'data'),
    begin: async (folder) => {
      const [port, tcp] = await ports
      const urls = [
        `--ServerUrl=https://localhost:${port}`,
        `--ServerUrl.Tcp=tcp://localhost:${tcp}`,
      ]
      const { child } = start(script, ['start', folder, ...urls])
      const file = (name: string): string => path.join(folder, 'pki', name)
      const access = {
        url: `https://localhost:${port}`,
        ca: file('ca.crt'),
        cert: file('server.crt'),
        key: file('server.key'),
      }
      await until(child, () => alive(access).catch(() => undefined))
      return { child, access }
    },
  }
}

async function serve(means: Means, product: Product): Promise<PeerServer> {
  const folder = path.join(means.folder, product.name.replaceAll(' ', '-'))
  mkdirSync(folder, { recursive: true })
  // Once unmeasured: files get into the cache of the machine, and the real ones make their certificates.
  await stopSettled(await product.begin(folder))
  rmSync(product.dataFolder(folder), { recursive: true, force: true })
  const { value: first, ms: firstStartMs } = await timed(() => product.begin(folder))
  await stopSettled(first)
  const { begun, startMs } = await laterStarts(() => product.begin(folder))
  const { child, access } = begun
  await sleep(3000)
  const idleMb = residentMb(child)
  const footprint: Footprint = { peer: product.name, firstStartMs, startMs, idleMb }
  const peers: Peer[] = []
  for (const database of product.databases) peers.push(await peerOn(means, access, database))
  return { peers, footprint, close: () => stop(child) }
}

/** Three starts, the last of which goes on, and the middle of their times. */
async function laterStarts(
  begin: () => Promise<Begun>,
): Promise<{ readonly begun: Begun; readonly startMs: number }> {
  const times: number[] = []
  for (;;) {
    const { value: begun, ms } = await timed(begin)
    times.push(ms)
    if (times.length === 3) return { begun, startMs: median(times) }
    await stopSettled(begun)
  }
}

/** RavenDB 4.1 that is stopped while it is still starting, after its first answer, may not find its way back into its data. */
async function stopSettled({ child }: Begun): Promise<void> {
  await sleep(2000)
  await stop(child)
}

async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly ms: number }> {
  const began = performance.now()
  const value = await work()
  return { value, ms: Math.round(performance.now() - began) }
}

async function peerOn(
  means: Means,
  access: Access,
  { name, database, encrypted }: Product['databases'][number],
): Promise<Peer> {
  const must = async (
    method: string,
    target: string,
    body: string,
    type?: string,
  ): Promise<void> => {
    const { status, text } = await call(access, {
      method,
      path: target,
      body,
      ...(type === undefined ? {} : { type }),
    })
    if (status > 299)
      throw new Error(`${name}: ${method} ${target} gave ${status} ${text.slice(0, 300)}`)
  }
  if (encrypted) {
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
    await must('POST', `/admin/secrets?name=${database}`, key, 'text/plain')
  }
  const record = { DatabaseName: database, Encrypted: encrypted, Settings: {}, Topology: null }
  await must('PUT', `/admin/databases?name=${database}&replicationFactor=1`, JSON.stringify(record))
  for (let from = 0; from < means.documents; from += 2500) {
    const commands = Array.from({ length: Math.min(2500, means.documents - from) }, (_, n) =>
      put(from + n),
    )
    await must('POST', `/databases/${database}/bulk_docs`, `{"Commands":[${commands.join(',')}]}`)
  }
  return {
    name,
    whats: ['get', 'put'],
    run: (what, connections, seconds) =>
      load(
        {
          ...access,
          serverName: 'localhost',
          method: what === 'get' ? 'GET' : 'PUT',
          path: `/databases/${database}/docs?id=${what}%2F{n}`,
          ...(what === 'put' ? { body: document(1) } : {}),
          targets: means.documents,
          connections,
          seconds,
          warmUpSeconds,
        },
        means.folder,
        means.vegeta,
      ),
  }
}

function put(n: number): string {
  return `{"Type":"PUT","Id":"get/${n}","ChangeVector":null,"Document":${document(n)}}`
}
