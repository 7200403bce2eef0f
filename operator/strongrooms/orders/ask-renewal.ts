/** Asks the CA when the certificate should be renewed (RFC 9773), where it is time to. */
import { renewalNews } from '#shared/acme/renewal-news.ts'
import { afterRenewalNews } from '#shared/acme/renewal-plan.ts'
import type { OrderingIssuer } from './issuer.ts'
import { type OrderMeans, type OrderScene, sceneOf } from './scene.ts'

export interface AskMeans extends Pick<OrderMeans, 'clock' | 'random'> {
  /** Ends it, with an error. */
  readonly signal?: AbortSignal
}

/** The scene with the CA's word in it. One that does not answer is asked later, and nothing waits for it. */
export async function askedForRenewal(
  scene: OrderScene,
  { api }: Pick<OrderingIssuer, 'api'>,
  { clock, random, signal }: AskMeans,
): Promise<OrderScene> {
  const { held, certificate, cluster, secret, askAtMs, nowMs } = scene
  if (held === undefined || certificate === undefined || askAtMs > nowMs) return scene
  const news = await renewalNews(api, held.certificate, signal)
  const terms = { state: certificate.renewal, nowMs: clock.now(), random }
  const renewal = afterRenewalNews(held.certificate, news, terms)
  const status = { ...cluster.status, publicCertificate: { ...certificate, renewal } }
  return sceneOf({ cluster: { ...cluster, status }, secret, nowMs: clock.now() }) ?? scene
}

/** The same for a certificate that came a moment ago (RFC 9773 section 4.3) and is still to be served: that does not wait for a CA that is slow, which is asked later. */
export async function askedAtOnce(
  scene: OrderScene,
  issuer: Pick<OrderingIssuer, 'api'>,
  means: Pick<AskMeans, 'clock' | 'random'>,
): Promise<OrderScene> {
  const late = AbortSignal.timeout(atOnceMs)
  return askedForRenewal(scene, issuer, { ...means, signal: late }).catch((error: unknown) => {
    if (!late.aborted) throw error
    return scene
  })
}

const atOnceMs = 1_000
