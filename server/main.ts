/** The process: settings, log, server, and the ways to stop. Standard output says where the server is, and nothing else. */

import { systemClock } from '#shared/clock.ts'
import { CodedError } from '#shared/errors.ts'
import { type Server, startServer } from './app.ts'
import { processConfig } from './config.ts'
import { abandonTimeoutMs } from './limits.ts'
import { processAudit, processLog } from './log.ts'
import { preflight } from './start/preflight.ts'
import { uncaughtErrors } from './start/uncaught-errors.ts'

/** Runs until it is told to stop, and ends the process. `argv`: settings, `--Key=Value`. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await run(argv)
  } catch (error) {
    // One line for what the owner can mend; the whole story for what he cannot.
    const text = error instanceof CodedError ? `${error.code}: ${error.message}` : stackOf(error)
    process.stderr.write(`${text}\n`)
    process.exit(1)
  }
}

if (import.meta.main) await main(process.argv.slice(2))

async function run(argv: readonly string[]): Promise<void> {
  const { config, notes } = processConfig(argv)
  const logger = processLog(config)
  for (const { key, source, note } of notes) logger.warn(`Setting "${key}" (${source}) ${note}`)
  for (const { condition, message } of await preflight()) logger.warn({ condition }, message)
  const running: { server?: Server; isEnding: boolean } = { isEnding: false }
  const fatal = (thrown: unknown): void => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    logger.fatal(error, 'The server stops')
    if (!running.isEnding) void end(running.server, error)
    running.isEnding = true
  }
  const uncaught = uncaughtErrors({ logger, fatal, isServing: () => running.server !== undefined })
  process.on('uncaughtException', uncaught)
  process.on('unhandledRejection', uncaught)
  const server = await startServer(config, {
    clock: systemClock,
    logger,
    audit: processAudit(),
    fatal,
  })
  running.server = server
  // Before it is said that the server is available: whoever reads that may stop it at once.
  onStop(async (why) => {
    logger.info({ why }, 'Stopping')
    await server[Symbol.asyncDispose]()
    process.exit(0)
  })
  process.stdout.write(`Server available on: ${server.url}\n`)
  if (server.administrator !== undefined) {
    process.stdout.write(`Admin certificate: ${server.administrator}\n`)
  }
}

/** Ends the process with 70, between two commits: an exit in the middle of one would hang. */
async function end(server: Server | undefined, error: Error): Promise<void> {
  // Where even that does not come to an end, nothing but a signal does.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), abandonTimeoutMs)
  await server?.abandon(error)
  process.exit(70)
}

/** Calls back once: on SIGTERM, SIGINT, or a line that begins with `shutdown` on standard input, ended or not. That it ends says nothing. */
function onStop(stop: (why: string) => Promise<void>): void {
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  let line = ''
  process.stdin.setEncoding('utf8').on('data', (text: string) => {
    line = (line + text).slice(-lineCharactersMax)
    if (/^[^\S\n]*shutdown\b/m.test(line)) resolve('shutdown')
  })
  void promise.then(stop)
}

const lineCharactersMax = 1_000

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
