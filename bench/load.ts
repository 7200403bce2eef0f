/** One run of load against one HTTPS server: by the client of our own beside this file, or by vegeta where a setting names it. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** What to send. `path` holds `{n}`, which becomes a number below `targets`. */
export interface LoadTask {
  readonly url: string
  /** Name that the server's certificate is checked against. */
  readonly serverName: string
  /** Files: the CA of the server, and the client's certificate and key. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly method: 'GET' | 'PUT'
  readonly path: string
  readonly body?: string
  readonly targets: number
  readonly connections: number
  readonly warmUpSeconds: number
  readonly seconds: number
}

export interface LoadResult {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
}

/** Runs it and resolves when it is over. `folder` takes the generator's files, `vegeta` is the path of that program or nothing. */
export async function load(
  task: LoadTask,
  folder: string,
  vegeta: string | undefined,
): Promise<LoadResult> {
  return vegeta === undefined ? byOwnClient(task, folder) : byVegeta(task, folder, vegeta)
}

async function byOwnClient(task: LoadTask, folder: string): Promise<LoadResult> {
  const file = path.join(folder, 'task.json')
  writeFileSync(file, JSON.stringify(task))
  return JSON.parse(
    await output(process.execPath, [path.join(import.meta.dirname, 'load-client.ts'), file]),
  ) as LoadResult
}

async function byVegeta(task: LoadTask, folder: string, vegeta: string): Promise<LoadResult> {
  const targets = path.join(folder, 'targets')
  const body = path.join(folder, 'body')
  const answers = path.join(folder, 'answers')
  if (task.body !== undefined) writeFileSync(body, task.body)
  const lines = Array.from({ length: task.targets }, (_, n) => {
    const head = `${task.method} ${task.url}${task.path.replace('{n}', String(n))}\n`
    return task.body === undefined ? head : `${head}Content-Type: application/json\n@${body}\n`
  })
  writeFileSync(targets, lines.join('\n'))
  const of = (seconds: number): string[] => [
    ...[
      'attack',
      '-targets',
      targets,
      '-format=http',
      '-rate=0',
      '-http2=false',
      '-keepalive',
      '-max-body=0',
    ],
    ...['workers', 'max-workers', 'connections', 'max-connections'].map(
      (name) => `-${name}=${task.connections}`,
    ),
    ...[
      '-cert',
      task.cert,
      '-key',
      task.key,
      '-root-certs',
      task.ca,
      `-duration=${seconds}s`,
      '-output',
      answers,
    ],
  ]
  if (task.warmUpSeconds > 0) await output(vegeta, of(task.warmUpSeconds))
  await output(vegeta, of(task.seconds))
  const report = JSON.parse(await output(vegeta, ['report', '-type=json', answers])) as VegetaReport
  const ms = (nanoseconds: number): number => Number((nanoseconds / 1e6).toFixed(3))
  return {
    perSecond: Math.round(report.throughput),
    p50Ms: ms(report.latencies['50th']),
    p99Ms: ms(report.latencies['99th']),
    errors: report.requests - Math.round(report.requests * report.success),
  }
}

interface VegetaReport {
  readonly throughput: number
  readonly requests: number
  readonly success: number
  readonly latencies: { readonly '50th': number; readonly '99th': number }
}

/** Standard output of a program that must succeed. */
export function output(
  program: string,
  args: readonly string[],
  options: {
    readonly uid?: number
    readonly gid?: number
    readonly env?: NodeJS.ProcessEnv
    readonly cwd?: string
  } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${program} ended with ${code}: ${err.slice(-2000)}`)),
    )
  })
}
