/**
 * When the present certificate is renewed: when its CA says (RFC 9773), else when two thirds of its life are over, and up to a twentieth later,
 * so that what was issued at once is not renewed at once. What the CA said is kept, so that a restart asks nobody.
 */
import type { AcmeCertificates } from '#shared/acme/acme-api.ts'
import { renewalNews } from '#shared/acme/renewal-news.ts'
import { afterRenewalNews, renewalPlan } from '#shared/acme/renewal-plan.ts'
import type { RenewalState } from '#shared/acme/renewal-state.ts'
import type { Clock } from '#shared/clock.ts'
import type { Certificate } from '#shared/pki/certificate.ts'
import type { OrderFiles } from './order-files.ts'

export interface RenewalParts {
  readonly api: Pick<AcmeCertificates, 'renewalInfo'>
  readonly files: Pick<OrderFiles, 'renewal' | 'keepRenewal'>
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
}

/** Milliseconds since 1970. */
export interface RenewalTimes {
  readonly renewAt: number
  /** When to come again, at the latest. */
  readonly againAt: number
}

export class Renewal {
  readonly #parts: RenewalParts

  constructor(parts: RenewalParts) {
    this.#parts = parts
  }

  /** Asks the CA where it is time. */
  async plan(certificate: Certificate, signal: AbortSignal): Promise<RenewalTimes> {
    const { api, files, clock, random } = this.#parts
    let state = await files.renewal()
    if (clock.now() >= renewalPlan(certificate, state, clock.now()).askAt) {
      const news = await renewalNews(api, certificate, signal)
      state = afterRenewalNews(certificate, news, { state, nowMs: clock.now(), random })
      await files.keepRenewal(state)
    }
    const { renewAt, askAt } = renewalPlan(certificate, state, clock.now())
    const at = renewAt + (isOwnJudgement(certificate, state) ? spreadMs(certificate) : 0)
    return { renewAt: at, againAt: Math.min(at, askAt) }
  }
}

function isOwnJudgement({ sha256 }: Certificate, state: RenewalState | undefined): boolean {
  return state?.sha256 !== sha256 || state.window === undefined
}

/** The same for a certificate each time: it comes from the certificate itself. */
function spreadMs({ sha256, notBefore, notAfter }: Certificate): number {
  const fraction = Number.parseInt(sha256.slice(0, 8), 16) / 2 ** 32
  return Math.floor(((notAfter - notBefore) / 20) * fraction)
}
