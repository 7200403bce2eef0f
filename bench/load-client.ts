/**
 * The load generator, a process of its own: each connection sends a request, waits for the whole answer, sends the next.
 * Works on the TLS socket itself and reads no more of an answer than where it ends, so that the generator costs little beside
 * the server on the same machine. Reads its task from the file that its argument names and prints one JSON line.
 */
import { readFileSync } from 'node:fs'
import { connect, type TLSSocket } from 'node:tls'
import type { LoadResult, LoadTask } from './load.ts'

const task = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as LoadTask
const { hostname, port } = new URL(task.url)
const body = task.body === undefined ? Buffer.alloc(0) : Buffer.from(task.body)
const latencies: number[] = []
let errors = 0
let measuring = false
let over = false

const workers = Array.from({ length: task.connections }, (_, worker) => work(worker))
setTimeout(() => {
  measuring = true
  const began = performance.now()
  setTimeout(() => finish(performance.now() - began), task.seconds * 1000)
}, task.warmUpSeconds * 1000)
await Promise.all(workers)

async function work(worker: number): Promise<void> {
  const socket = await open()
  const answers = answersOf(socket)
  // A stride that is prime to the number of targets visits each of them, in no order that a cache could guess.
  for (let turn = worker * 7919; !over; turn += 104_729) {
    const began = performance.now()
    socket.write(requestBytes(turn % task.targets))
    const status = await answers()
    if (!measuring || over) continue
    latencies.push(performance.now() - began)
    if (status < 200 || status > 299) errors++
  }
  socket.destroy()
}

function requestBytes(target: number): Buffer {
  const path = task.path.replace('{n}', String(target))
  const type =
    body.length > 0 ? `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n` : ''
  return Buffer.concat([
    Buffer.from(`${task.method} ${path} HTTP/1.1\r\nHost: ${hostname}\r\n${type}\r\n`),
    body,
  ])
}

function open(): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      servername: task.serverName,
      ca: readFileSync(task.ca),
      cert: readFileSync(task.cert),
      key: readFileSync(task.key),
    })
    socket.once('secureConnect', () => resolve(socket.setNoDelay(true)))
    socket.once('error', reject)
  })
}

/** A function that resolves with the status of the next whole answer. */
function answersOf(socket: TLSSocket): () => Promise<number> {
  let pending: Buffer = Buffer.alloc(0)
  let settle: ((status: number) => void) | undefined
  const look = (): void => {
    const whole = answerEnd(pending)
    if (whole === undefined || settle === undefined) return
    pending = pending.subarray(whole.end)
    settle(whole.status)
    settle = undefined
  }
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    look()
  })
  socket.on('close', () => {
    if (!over) fail('the server closed a connection')
  })
  return () =>
    new Promise((resolve) => {
      settle = resolve
      look()
    })
}

/** Where the first answer in the bytes ends, when it is all there. */
function answerEnd(bytes: Buffer): { readonly status: number; readonly end: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd + 2)
  const status = Number(head.slice(9, 12))
  const start = headEnd + 4
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1]
  if (length !== undefined) return done(status, start + Number(length), bytes)
  if (!/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) return { status, end: start }
  return chunkedEnd(bytes, start, status)
}

function chunkedEnd(bytes: Buffer, start: number, status: number) {
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    at = lineEnd + 2 + size + 2
    if (size === 0 || at > bytes.length) return done(status, at, bytes)
  }
}

function done(status: number, end: number, bytes: Buffer) {
  return end <= bytes.length ? { status, end } : undefined
}

function finish(milliseconds: number): void {
  over = true
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0
  const result: LoadResult = {
    perSecond: Math.round((latencies.length * 1000) / milliseconds),
    p50Ms: Number(at(0.5).toFixed(3)),
    p99Ms: Number(at(0.99).toFixed(3)),
    errors,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`, () => process.exit(1))
}
