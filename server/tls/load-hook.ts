/**
 * A program that prints the server certificate (`Security.Certificate.Load.Exec`): for keys that lie in a vault. What it printed is
 * kept in memory only.
 *
 * It is asked at start and every hour, within two seconds after one of the files that it or its arguments name has changed, and where
 * it failed, or printed what cannot be served, after 10 seconds, doubling to the hour. A failure keeps what was printed before.
 */
import { createHash } from 'node:crypto'
import {
  certificateCheckMs,
  loadHookBackoff,
  loadHookEveryMs,
  serverCertificateBytesMax,
} from '#server/limits.ts'
import { backoffMs } from '#shared/backoff.ts'
import type { Clock } from '#shared/clock.ts'
import { fileMark } from '#shared/file-watch.ts'
import { Looking } from '#shared/looking.ts'
import { type Program, runProgram } from '#shared/program.ts'
import { randomFraction } from '#shared/random.ts'
import type { CertificateSource } from './certificate-source.ts'
import { tlsErrors } from './errors.ts'
import {
  type CertificateDemands,
  readServerCertificate,
  type ServerCertificate,
} from './server-certificate.ts'

export interface LoadHookParts {
  readonly program: Omit<Program, 'outputBytesMax'>
  /** Of the PFX, or of the encrypted PEM key, that it prints. */
  readonly password: string | undefined
  readonly clock: Clock
  /** Told of each time that the program failed, but for the one at start: `load` says that. */
  readonly failed: (error: unknown) => void
  readonly everyMs?: number
}

interface Printed {
  readonly bytes: Buffer
  readonly mark: string
}

export class LoadHook implements CertificateSource, AsyncDisposable {
  readonly #parts: LoadHookParts
  #printed: Printed | undefined
  #failure: Error | undefined
  /** Mark of what could not be served. */
  #unusable: string | undefined
  #failures = 0
  #askAt = 0
  #filesAsked = ''
  #looking: Looking | undefined

  /** Asks once. Throws nothing: `load` does. */
  static async open(parts: LoadHookParts): Promise<LoadHook> {
    const hook = new LoadHook(parts)
    await hook.#ask(await hook.#filesMark())
    const { everyMs = certificateCheckMs } = parts
    hook.#looking = new Looking(() => hook.#look(), everyMs)
    return hook
  }

  private constructor(parts: LoadHookParts) {
    this.#parts = parts
  }

  mark(): Promise<string> {
    return Promise.resolve(this.#printed?.mark ?? '')
  }

  async load(demands: CertificateDemands): Promise<ServerCertificate> {
    const printed = this.#printed
    const { program, password } = this.#parts
    if (printed === undefined) {
      throw this.#failure ?? tlsErrors.CertificateProgramFailed(program.file, 'printed nothing')
    }
    try {
      const given = { origin: program.file, bytes: printed.bytes, password }
      const certificate = await readServerCertificate(given, demands)
      this.#failures = 0
      return certificate
    } catch (error) {
      // Half a PFX looks like a whole answer: asked again soon.
      this.#unusable = printed.mark
      this.#retryLater()
      throw error
    }
  }

  /** Asks now, where it is time or one of the files has changed. */
  async look(): Promise<void> {
    await this.#looking?.now()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#looking?.[Symbol.asyncDispose]()
  }

  async #look(): Promise<void> {
    const files = await this.#filesMark()
    if (files === this.#filesAsked && this.#parts.clock.now() < this.#askAt) return
    const error = await this.#ask(files)
    if (error !== undefined) this.#parts.failed(error)
  }

  async #ask(files: string): Promise<Error | undefined> {
    const { program, clock } = this.#parts
    // Taken before: a change while the program runs is asked about again.
    this.#filesAsked = files
    const outcome = await runProgram({ ...program, outputBytesMax: serverCertificateBytesMax })
    if (outcome.kind === 'failed') {
      this.#failure = tlsErrors.CertificateProgramFailed(program.file, outcome.reason)
      this.#retryLater()
      return this.#failure
    }
    this.#askAt = clock.now() + loadHookEveryMs
    const mark = createHash('sha256').update(outcome.output).digest('hex')
    if (mark === this.#unusable) this.#retryLater()
    else if (mark === this.#printed?.mark) this.#failures = 0
    else this.#printed = { bytes: outcome.output, mark }
    return undefined
  }

  #retryLater(): void {
    this.#failures += 1
    const waitMs = backoffMs(loadHookBackoff, this.#failures, randomFraction)
    this.#askAt = this.#parts.clock.now() + waitMs
  }

  /** Of those that are there; an argument need not be a file. */
  async #filesMark(): Promise<string> {
    const { file, arguments: words } = this.#parts.program
    const marks = await Promise.all([file, ...words].map((path) => fileMark([path])))
    return marks.join('\n')
  }
}
