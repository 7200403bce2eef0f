/** Runs a program that the configuration names and takes what it writes: never through a shell, bounded in time and output. */
import { spawn } from 'node:child_process'

export interface Program {
  readonly file: string
  readonly arguments: readonly string[]
  readonly timeoutMs: number
  /** More output than this is a failure. */
  readonly outputBytesMax: number
  /** Left out: that of this process. */
  readonly env?: NodeJS.ProcessEnv
}

export type Outcome =
  | { readonly kind: 'done'; readonly output: Buffer; readonly messages: string }
  /** `reason` reads on after "Cannot run …: ". */
  | { readonly kind: 'failed'; readonly reason: string }

/** Resolves in every case; nothing is thrown for what the program does. */
export function runProgram(program: Program): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program.file, program.arguments, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(program.env === undefined ? {} : { env: program.env }),
    })
    const output = collect(child.stdout, program.outputBytesMax, () => end('wrote too much output'))
    const messages = collect(child.stderr, messageBytesMax, () => undefined)
    const timer = setTimeout(
      () => end(`did not finish within ${program.timeoutMs / 1000} s`),
      program.timeoutMs,
    )
    const end = (reason?: string): void => {
      clearTimeout(timer)
      if (reason === undefined) {
        resolve({ kind: 'done', output: output(), messages: messages().toString('utf8') })
      } else {
        child.kill('SIGKILL')
        child.stdout.destroy()
        output().fill(0)
        resolve({ kind: 'failed', reason })
      }
    }
    child.on('error', (error) => end(`could not be started (${error.message})`))
    child.on('close', (code, signal) =>
      end(code === 0 ? undefined : failure(code, signal, messages().toString('utf8'))),
    )
  })
}

/** Splits a line of arguments at blanks; `"…"` and `'…'` hold them together, a backslash takes the next character as it is. */
export function splitArguments(line: string): readonly string[] {
  const parts = line.match(/(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+/g) ?? []
  return parts.map((part) =>
    part.replace(/'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g, (_, ...found) =>
      unquoted(found),
    ),
  )
}

/** The text of what stood in single quotes, in double ones, or behind a backslash. */
function unquoted([single, double, escaped]: readonly (string | undefined)[]): string {
  return single ?? double?.replace(/\\([\s\S])/g, '$1') ?? escaped ?? ''
}

/** Enough for a message, too little to matter. */
const messageBytesMax = 4096

function collect(
  stream: NodeJS.ReadableStream,
  bytesMax: number,
  overflow: () => void,
): () => Buffer {
  const parts: Buffer[] = []
  let length = 0
  stream.on('data', (part: Buffer) => {
    length += part.length
    if (length > bytesMax) return overflow()
    parts.push(part)
  })
  // The pieces may hold a key: they are wiped once they have been joined.
  return () => {
    const whole = Buffer.concat(parts)
    for (const part of parts.splice(0)) part.fill(0)
    return whole
  }
}

function failure(code: number | null, signal: string | null, messages: string): string {
  const how = code === null ? `was stopped by ${signal}` : `ended with code ${code}`
  return messages.trim() === '' ? how : `${how} and wrote "${messages.trim().slice(0, 200)}"`
}
