/** The real server as a process of its own: started, spoken to, killed, stopped. What it prints is kept. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Caller, caller, type Identity } from './caller.ts'

export interface Wish {
  /** `--DataDir`. */
  readonly folder: string
  /** Further settings, as `--Key=Value`. */
  readonly settings?: readonly string[]
  /** What verifies the server, where that is not the `ca.crt` of its own making. */
  readonly ca?: string
  /** A program with its arguments that runs the server as its child; it must pass on the exit code, and die together with it. */
  readonly within?: readonly string[]
}

export interface ServerProcess extends AsyncDisposable {
  readonly url: string
  readonly folder: string
  readonly child: ChildProcess
  /** What was written to standard output and to standard error so far. */
  readonly output: () => string
  readonly log: () => string
  /** The administrator that the first start made. */
  readonly admin: Identity
  /** PEM of what verifies the server. */
  readonly ca: string
  /** A caller on this server: the administrator where nothing is given, `null` for one without a certificate. */
  caller(identity?: Identity | null, connections?: number): Caller
  /** SIGKILL, and the end awaited. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** True while the process lives. */
  readonly alive: boolean
}

const main = path.join(import.meta.dirname, '../../server/main.ts')

/** Starts the process without waiting for it; for starts that must fail or be killed on the way. */
export function spawnServer({ folder, settings = [], within = [] }: Wish) {
  const [program = process.execPath, ...before] = [...within, process.execPath]
  const child = spawn(
    program,
    [
      ...before,
      main,
      ...['--ServerUrl=https://127.0.0.1:0', '--ServerUrl.Tcp=tcp://127.0.0.1:0'],
      `--DataDir=${folder}`,
      ...settings,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const texts = { output: '', log: '' }
  child.stdout.on('data', (chunk) => (texts.output += chunk))
  child.stderr.on('data', (chunk) => (texts.log += chunk))
  return { child, texts, ended: once(child, 'close') as Promise<[number | null, string | null]> }
}

/** Starts it and waits until it says where it listens. Rejects with its log when it ends before. */
export async function startServer(wish: Wish): Promise<ServerProcess> {
  const { child, texts, ended } = spawnServer(wish)
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    await ended
    return child.exitCode
  }
  const url = await Promise.race([listening(child, texts), ended.then(() => undefined)])
  if (url === undefined)
    throw new Error(`The server ended with ${child.exitCode ?? child.signalCode}:\n${texts.log}`)
  const file = (name: string): string => {
    const place = path.join(wish.folder, 'certificates', name)
    return existsSync(place) ? readFileSync(place, 'utf8') : ''
  }
  const admin = { cert: file('admin.crt'), key: file('admin.key') }
  const ca = wish.ca ?? file('ca.crt')
  return {
    ...{ url, folder: wish.folder, child, admin, ca },
    output: () => texts.output,
    log: () => texts.log,
    caller: (identity, connections = 1) => {
      const shown = identity === null ? undefined : (identity ?? admin)
      return caller({ url, ca, connections, identity: shown })
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    get alive() {
      return child.exitCode === null && child.signalCode === null
    },
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}

function listening(child: ChildProcess, texts: { readonly output: string }): Promise<string> {
  return new Promise((resolve) => {
    const look = (): void => {
      const url = /Server available on: (\S+)/.exec(texts.output)?.[1]
      if (url !== undefined) resolve(url)
    }
    child.stdout?.on('data', look)
  })
}
