/**
 * Programs that end with this process, however it ends: a shell beside each one waits for its standard input to close. A line on
 * it says that this is as it should be; without one, the program's folder is removed as well.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Leashed extends AsyncDisposable {
  /** All that it printed. */
  readonly log: () => string
  /** Resolves when it has printed that; throws with all it printed when it ends before. */
  hasPrinted(text: string): Promise<void>
  /** SIGKILL, and the end awaited. */
  kill(): Promise<void>
}

export interface Command {
  /** What nobody needs after a crash. */
  readonly folder: string
  readonly program: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

const leash = `exec 3<&0; folder=$1; shift
"$@" </dev/null 3<&- & program=$!
{ read -r line <&3 || crashed=yes; kill -9 $program; [ -z "$crashed" ] || rm -rf "$folder"; } >/dev/null 2>&1 & watch=$!
wait $program; code=$?
kill -9 $watch
exit $code`

export function startLeashed({ folder, program, args, env = process.env }: Command): Leashed {
  const child = spawn('/bin/sh', ['-c', leash, 'leash', folder, program, ...args], {
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let text = ''
  const heard = new EventTarget()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      text += part
      heard.dispatchEvent(new Event('text'))
    })
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.stdin.end('stop\n')
    await ended
  }
  return {
    log: () => text,
    kill,
    hasPrinted: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (text.includes(wanted)) resolve()
        }
        heard.addEventListener('text', look)
        ended.then(
          () => reject(new Error(`${program} ended with ${codeOf(child)}:\n${text}`)),
          reject,
        )
        look()
      }),
    [Symbol.asyncDispose]: kill,
  }
}

function codeOf({ exitCode, signalCode }: ChildProcess): string {
  return String(exitCode ?? signalCode)
}
