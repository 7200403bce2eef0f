/** Programs, run to their end. */
import { spawn } from 'node:child_process'

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
  /** Passes what the program prints on to this process's standard error, as progress. */
  readonly show?: boolean
  readonly timeoutMs?: number
}

/** Standard output. Throws with the program's standard error where it fails. */
export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', options.show === true ? 'inherit' : 'pipe'],
      timeout: options.timeoutMs,
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout?.on('data', (part: Buffer) => out.push(part))
    child.stderr?.on('data', (part: Buffer) => err.push(part))
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const text = Buffer.concat(out).toString()
      if (code === 0) resolve(text)
      else
        reject(
          new Error(
            `${program} ${args.join(' ').slice(0, 300)} ended with ${signal ?? code}: ${Buffer.concat(err).toString() || text}`,
          ),
        )
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(options.input ?? '')
  })
}

/** True where it ends well. */
export async function succeeds(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<boolean> {
  return run(program, args, options).then(
    () => true,
    () => false,
  )
}

/** Asks again until the answer is there; throws with the last trouble when the time is over. */
export async function until<T>(
  what: string,
  question: () => Promise<T | undefined> | T | undefined,
  { withinMs = 60_000, everyMs = 100 } = {},
): Promise<T> {
  const endMs = performance.now() + withinMs
  let trouble = 'it never was'
  while (performance.now() < endMs) {
    try {
      const answer = await question()
      if (answer !== undefined) return answer
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error)
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  throw new Error(`Waited ${withinMs} ms in vain for ${what}: ${trouble}`)
}
