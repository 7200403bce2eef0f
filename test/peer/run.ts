/** Puts scenarios to a server, in order, and hands on what it answered. */

import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '#shared/clock.ts'
import { dig, read, unzip } from './answers.ts'
import { thumbprint, type Workshop } from './certificates.ts'
import { type GoldenStep, goldenStep } from './golden.ts'
import type { Client } from './requests.ts'
import type {
  Answer,
  Chore,
  Request,
  RequestStep,
  Scenario,
  Seen,
  Step,
  Values,
} from './scenario.types.ts'

const repeatEveryMs = 200

/** What a scenario is run with. */
export interface Stage {
  readonly client: Client
  readonly workshop: Workshop
  /** Milliseconds for which a step is repeated until it is answered as it wants. */
  readonly patienceMs: number
  /** Longest wait before a step. */
  readonly waitMsMax: number
  /** Values captured so far, over all scenarios. */
  readonly values: Values
}

/** One step's answer. */
export interface StepResult {
  readonly step: RequestStep
  readonly as: string
  readonly sent: string
  readonly seen: Seen
  readonly recorded: GoldenStep
  /** Names in braces that no earlier answer gave a value. */
  readonly unfilled: readonly string[]
}

/** Runs the steps; yields those that are recorded. */
export async function* runScenario(stage: Stage, scenario: Scenario): AsyncGenerator<StepResult> {
  for (const step of scenario.steps ?? []) {
    if (isChore(step)) await step.run(async (request) => read(await stage.client.call(request)))
    else {
      const result = await runStep(stage, step, step.as ?? scenario.as ?? 'server')
      if (!step.quiet) yield result
    }
  }
}

async function runStep(stage: Stage, step: RequestStep, as: string): Promise<StepResult> {
  if (step.fresh) stage.client.reconnect(as)
  if (step.wait) await sleep(Math.min(step.wait, stage.waitMsMax))
  const unfilled = new Set<string>()
  const fill = (text: string) => filled(text, stage.values, unfilled)
  const { method = 'GET', limit } = step
  const request = {
    as,
    method,
    path: fill(step.path),
    ...(limit ? { limit } : {}),
    headers: Object.fromEntries(
      Object.entries(step.headers ?? {}).map(([name, value]) => [name, fill(value)]),
    ),
    ...(await bodyOf(step, stage.values, fill)),
  }
  const answer = await askUntil(stage, request, step.until)
  const seen = read(answer)
  if (step.identity) identify(stage, step.identity, answer)
  for (const [name, where] of Object.entries(step.capture ?? {}))
    stage.values[name] = captured(seen, where)
  const recorded = goldenStep(step, answer, seen)
  return { step, as, sent: request.path, seen, recorded, unfilled: [...unfilled] }
}

/** True for a step that is only something to do. */
export function isChore(step: Step): step is Chore {
  return 'run' in step
}

function filled(text: string, values: Values, unfilled: Set<string>): string {
  return text.replace(/\{(\w+)\}/g, (braced, name: string) => {
    const value = values[name]
    if (value === undefined || value === '') unfilled.add(name)
    return value ?? braced
  })
}

async function bodyOf(
  step: RequestStep,
  values: Values,
  fill: (text: string) => string,
): Promise<{ body?: string | Buffer }> {
  const body = typeof step.body === 'function' ? await step.body(values) : step.body
  if (body === undefined) return {}
  if (Buffer.isBuffer(body)) return { body }
  return { body: fill(typeof body === 'string' ? body : JSON.stringify(body)) }
}

async function askUntil(
  { client, patienceMs }: Stage,
  request: Request,
  until: RequestStep['until'],
): Promise<Answer> {
  const stopAt = systemClock.now() + patienceMs
  for (;;) {
    const answer = await client.call(request)
    if (!until || systemClock.now() > stopAt || until(read(answer))) return answer
    await sleep(repeatEveryMs)
  }
}

/** Makes the certificate that a zip holds an identity, and `{nameThumb}` and the like values. */
function identify({ client, values }: Stage, name: string, answer: Answer): void {
  const files = [...unzip(answer.body)]
  const [cert, key] = ['.crt', '.key'].map(
    (extension) => files.find(([file]) => file.endsWith(extension))?.[1],
  )
  if (!cert || !key) return
  client.identify(name, { cert, key })
  const certificate = new X509Certificate(cert)
  values[`${name}Thumb`] = thumbprint(certificate)
  values[`${name}ThumbLower`] = thumbprint(certificate).toLowerCase()
}

function captured(seen: Seen, where: string | ((seen: Seen) => string)): string {
  return typeof where === 'function' ? where(seen) : String(dig(seen, where) ?? '')
}
