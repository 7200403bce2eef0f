/** The verbs that ask a cluster: words of the command line in, text and exit code out. */
import { setTimeout } from 'node:timers/promises'
import { type Clock, systemClock } from '#shared/clock.ts'
import { CodedError } from '#shared/errors.ts'
import { type Command, commandOf, type Verb } from './arguments.ts'
import { certificateAct } from './certificate-act.ts'
import { type Connection, connect } from './connect.ts'
import { helpTexts } from './help.ts'
import { lookAtAll, lookAtOne } from './look.ts'
import { reportOf } from './report.ts'
import { reportText } from './report-text.ts'

export interface CommandMeans {
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  /** Resolves after that many milliseconds, and keeps the process alive for them. */
  readonly pause: (ms: number) => Promise<void>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** The exit code: 0, 1 where it could not be done, 2 where the command is wrong, 3 where it was asked for and not waited for to its end. */
export async function runCommand(
  verb: Verb,
  args: readonly string[],
  means: CommandMeans,
): Promise<number> {
  try {
    means.out(await answer(commandOf(verb, args), means))
    return 0
  } catch (error) {
    // Anything else is a mistake of ours, and its stack says where.
    if (!(error instanceof CodedError)) throw error
    means.err(`strongroom: ${error.message} [${error.code}]\n`)
    return exitCodes[error.status] ?? 1
  }
}

/** By status of the error. */
const exitCodes: Readonly<Record<number, number>> = { 400: 2, 504: 3 }

async function answer(command: Command, means: CommandMeans): Promise<string> {
  if (command.kind === 'help') return helpTexts[command.verb]
  using connection = await connect(command.where, means.env)
  // Awaited here: the connection is closed when this function returns.
  switch (command.kind) {
    case 'status':
      return await status(command, connection, means.clock)
    case 'renew':
    case 'revoke':
      return await certificateAct(command, connection, means)
    default:
      throw command satisfies never
  }
}

async function status(
  { name, everywhere, json }: Extract<Command, { kind: 'status' }>,
  connection: Connection,
  clock: Clock,
): Promise<string> {
  const found =
    name === undefined ? await lookAtAll(connection, everywhere) : await lookAtOne(connection, name)
  const report = reportOf(found)
  return json ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report, clock.now())
}

/** Runs a verb as this very process. */
export function processCommand(
  verb: Verb,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  return runCommand(verb, args, {
    env,
    clock: systemClock,
    pause: (ms) => setTimeout(ms),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  })
}
