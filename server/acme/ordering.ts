/**
 * The server's own certificate, ordered and renewed (RFC 8555): one act at a time, each written down before the next, so that a
 * process that is killed anywhere goes on with the same order. What is issued goes into a file, which whoever serves it follows.
 *
 * It never gives up: what fails is said, and tried again after waits that grow. The certificate of before is served meanwhile.
 */
import { createHash } from 'node:crypto'
import { orderLookMs } from '#server/limits.ts'
import { refusedFor } from '#shared/acme/accept.ts'
import type { AcmeApi } from '#shared/acme/acme-api.ts'
import { advance, resumed } from '#shared/acme/advance.ts'
import type { Means, Wish } from '#shared/acme/advance.types.ts'
import { certificateId } from '#shared/acme/certificate-id.ts'
import { challengeOf } from '#shared/acme/challenge.ts'
import { brokenBackoff } from '#shared/acme/limits.ts'
import type { OrderProblem, OrderState } from '#shared/acme/order-state.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import type { Solver } from '#shared/acme/solver.ts'
import { backoffMs } from '#shared/backoff.ts'
import type { Clock } from '#shared/clock.ts'
import { type Certificate, pinOf } from '#shared/pki/certificate.ts'
import type { KeyPair } from '#shared/pki/issue.ts'
import { certificateRequest } from '#shared/pki/request.ts'
import { sleep, type Timers } from '#shared/timers.ts'
import type { OrderFiles } from './order-files.ts'
import type { OrderSettings } from './order-settings.ts'
import type { Renewal } from './renewal.ts'

export type OrderEvent =
  | { readonly kind: 'act'; readonly act: string }
  | { readonly kind: 'issued'; readonly names: readonly string[] }
  /** What stands in the way, in the CA's own words; each once. */
  | { readonly kind: 'problem'; readonly problem: OrderProblem; readonly againAt: number }
  /** What could not even be tried. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly againAt: number }

export interface OrderingParts {
  readonly settings: OrderSettings
  readonly files: OrderFiles
  readonly api: AcmeApi
  /** Made anew for each act: its secrets may have changed. */
  readonly solver: () => Promise<Solver>
  readonly renewal: Pick<Renewal, 'plan'>
  readonly clock: Clock
  readonly timers: Timers
  /** A number in [0, 1). */
  readonly random: () => number
  readonly report: (event: OrderEvent) => void
}

/** What it does now. Times in milliseconds since 1970. */
export interface OrderFigures {
  /** When the present certificate is renewed; nothing while there is none. */
  readonly renewAt: number | undefined
  /** When something is done next. */
  readonly againAt: number
  /** Orders that failed since the last that did not. */
  readonly failures: number
  readonly problem: OrderProblem | undefined
}

export class Ordering implements AsyncDisposable {
  readonly #parts: OrderingParts
  readonly #end = new AbortController()
  #figures: OrderFigures = { renewAt: undefined, againAt: 0, failures: 0, problem: undefined }
  #failures = 0
  #said = ''
  #running: Promise<void> = Promise.resolve()

  constructor(parts: OrderingParts) {
    this.#parts = parts
  }

  get figures(): OrderFigures {
    return this.#figures
  }

  /** Goes on until it is disposed. */
  start(): void {
    this.#running = this.#run()
  }

  /** Takes one act, where it is time. Says when to come again, in milliseconds since 1970. Throws where it could not be tried. */
  async step(): Promise<number> {
    const { settings, files, clock, renewal } = this.#parts
    const current = await files.issued(settings.names, clock.now())
    const plan = current && (await renewal.plan(current.certificate, this.#end.signal))
    this.#see({ renewAt: plan?.renewAt })
    if (plan !== undefined && clock.now() < plan.renewAt) {
      // The end of an order whose certificate had been written when the process was killed.
      await files.forgetOrder()
      return plan.againAt
    }
    return this.#advance(current?.certificate)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { clock, timers } = this.#parts
    const { signal } = this.#end
    while (!signal.aborted) {
      const againAt = await this.#stepOrFail()
      this.#see({ againAt })
      // Not for longer: a clock may be set, and a machine may sleep.
      const waitMs = Math.min(Math.max(againAt - clock.now(), 0), orderLookMs)
      await sleep(timers, waitMs, signal)
    }
  }

  async #stepOrFail(): Promise<number> {
    const { clock, random, report } = this.#parts
    try {
      const againAt = await this.step()
      this.#failures = 0
      return againAt
    } catch (error) {
      this.#failures += 1
      const waitMs = backoffMs(brokenBackoff, this.#failures, random)
      const asked = error instanceof AcmeProblem ? (error.retryAfterMs ?? 0) : 0
      const againAt = clock.now() + Math.max(waitMs, asked)
      if (!this.#end.signal.aborted) report({ kind: 'failed', error, againAt })
      return againAt
    }
  }

  async #advance(current: Certificate | undefined): Promise<number> {
    const { files, settings } = this.#parts
    const before = await files.order()
    const wish = this.#wish(current)
    if (this.#begins(resumed(before, wish, this.#parts.api))) await this.#ensureAccount()
    const solver = await this.#parts.solver()
    if (before !== undefined) await this.#putBack(before, solver)
    const means = this.#means(solver, await files.nextKey(settings.keyKind))
    const { state, act, againAt, issued } = await advance(before, wish, means)
    if (issued === undefined) await files.keepOrder(state)
    else await files.finish(issued)
    this.#tell({ state, act, againAt })
    if (issued !== undefined) this.#parts.report({ kind: 'issued', names: settings.names })
    return againAt
  }

  /** An order is about to be made, and not only waited for. */
  #begins({ orderUrl, againAt = '' }: OrderState): boolean {
    const isWaiting = Date.parse(againAt) > this.#parts.clock.now()
    return orderUrl === undefined && !isWaiting
  }

  #tell({ state, act, againAt }: { state: OrderState; act: string; againAt: number }): void {
    const { report } = this.#parts
    if (act !== 'wait') report({ kind: 'act', act })
    const { problem, attempts } = state
    this.#see({ problem, failures: attempts })
    const words = JSON.stringify([problem, attempts])
    if (problem !== undefined && words !== this.#said) report({ kind: 'problem', problem, againAt })
    this.#said = words
  }

  /** Finds the account of the key, or makes it: the CA may be another one than before, or have lost it. */
  async #ensureAccount(): Promise<void> {
    const { api, files, settings } = this.#parts
    const { directoryUrl: directory, email } = settings
    const { signal } = this.#end
    const contact = [`mailto:${email}`]
    const { url } = await api.newAccount({ contact }, signal)
    const kept = await files.account()
    const isSame = kept?.directory === directory && kept.url === url
    if (isSame && kept.email !== email) await api.changeContact(contact, signal)
    if (!isSame || kept.email !== email) await files.keepAccount({ directory, url, email })
  }

  /** Proofs that are shown by this process are in its memory only: one that was killed took them along, and they end by themselves. */
  async #putBack({ authorizations }: OrderState, solver: Solver): Promise<void> {
    if (solver.type === 'dns-01') return
    for (const authorization of authorizations) {
      const isShown = authorization.status === 'pending' && authorization.challenge?.presented
      const challenge = isShown ? challengeOf(authorization) : undefined
      if (challenge?.type === solver.type) await solver.present(challenge, this.#end.signal)
    }
  }

  #wish(current: Certificate | undefined): Wish {
    const { settings } = this.#parts
    const { names, profile } = settings
    // Whoever mended a setting and started anew is not made to wait.
    const occasion = createHash('sha256').update(JSON.stringify(settings)).digest('hex')
    const wish = { names, profile, occasion }
    if (current === undefined) return wish
    const replaces = certificateId(current)
    return { ...wish, replaces, lifeMs: current.notAfter - current.notBefore }
  }

  #means(solver: Solver, keys: KeyPair): Means {
    const { api, settings, clock, random } = this.#parts
    const { names } = settings
    return {
      api,
      solverFor: (_name, offered) => (offered.includes(solver.type) ? solver : undefined),
      csr: () => certificateRequest(names, keys),
      accept: (chain) =>
        refusedFor(chain, { names, keyPin: pinOf(keys.publicKey), nowMs: clock.now() }),
      now: () => clock.now(),
      random,
      signal: this.#end.signal,
    }
  }

  #see(news: Partial<OrderFigures>): void {
    this.#figures = { ...this.#figures, ...news }
  }
}
