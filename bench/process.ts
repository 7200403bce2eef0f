/** Starting, timing, weighing and stopping the servers that are measured. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Files of a client and of what verifies the server, and where the server is. */
export interface Access {
  readonly url: string
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Starts a program whose process is the server itself. Its standard output is collected for `printed`. */
export function start(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): { readonly child: ChildProcess; readonly printed: () => string } {
  const env = { ...process.env, ...environment }
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env })
  let text = ''
  child.stdout?.on('data', (chunk) => {
    text += chunk
  })
  return { child, printed: () => text }
}

/** Waits until the condition gives something; gives up after a minute or when the process ended. */
export async function until<T>(
  child: ChildProcess,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (let turn = 0; turn < 12_000; turn++) {
    const found = await look()
    if (found !== undefined) return found
    if (child.exitCode !== null)
      throw new Error(`the server ended with ${child.exitCode} before it answered`)
    await sleep(5)
  }
  throw new Error('the server did not answer within a minute')
}

/** True once `/setup/alive` answers with success. */
export async function alive(access: Access): Promise<true | undefined> {
  const status = await call(access, { method: 'GET', path: '/setup/alive' }).then(
    (a) => a.status,
    () => 0,
  )
  return status >= 200 && status < 300 ? true : undefined
}

/** One request with the client certificate, on a connection of its own. */
export function call(
  access: Access,
  {
    method,
    path,
    body = '',
    type = 'application/json',
  }: { method: string; path: string; body?: string; type?: string },
): Promise<{ readonly status: number; readonly text: string }> {
  const { hostname, port } = new URL(access.url)
  const [ca, cert, key] = [access.ca, access.cert, access.key].map((file) => readFileSync(file))
  const agent = new Agent({ ca, cert, key })
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    }
    const sent = request({ hostname, port, path, method, agent, headers }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => (text += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Resident memory of a process and its children in megabytes. */
export function residentMb(child: ChildProcess): number {
  const own = readdirSync('/proc').filter(
    (pid) => pid === String(child.pid) || parentOf(pid) === child.pid,
  )
  const kilobytes = own.map((pid) => kilobytesIn(status(pid), 'VmRSS'))
  return Math.round(kilobytes.reduce((sum, one) => sum + one, 0) / 1024)
}

/** From the text of `/proc/PID/status`: what a process has in memory, or had at most. */
export function kilobytesIn(text: string, what: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(text)?.[1] ?? 0)
}

function parentOf(pid: string): number | undefined {
  return /^\d+$/.test(pid) ? Number(/PPid:\s+(\d+)/.exec(status(pid))?.[1]) : undefined
}

function status(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return '' // ended between the listing and the look
  }
}

/** SIGTERM, and the end awaited. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** A TCP port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
