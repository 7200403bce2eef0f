/** Asks the CA when the certificate should be renewed (RFC 9773), where it is time to. */
import { renewalNews } from '#shared/acme/renewal-news.ts'
import { afterRenewalNews } from '#shared/acme/renewal-plan.ts'
import type { OrderingIssuer } from './issuer.ts'
import { type OrderMeans, type OrderScene, sceneOf } from './scene.ts'

/** The scene with the CA's word in it. One that does not answer is asked later, and nothing waits for it. */
export async function askedForRenewal(
  scene: OrderScene,
  { api }: Pick<OrderingIssuer, 'api'>,
  { clock, random }: Pick<OrderMeans, 'clock' | 'random'>,
): Promise<OrderScene> {
  const { held, certificate, cluster, secret, askAtMs, nowMs } = scene
  if (held === undefined || certificate === undefined || askAtMs > nowMs) return scene
  const news = await renewalNews(api, held.certificate)
  const terms = { state: certificate.renewal, nowMs: clock.now(), random }
  const renewal = afterRenewalNews(held.certificate, news, terms)
  const status = { ...cluster.status, publicCertificate: { ...certificate, renewal } }
  return sceneOf({ cluster: { ...cluster, status }, secret, nowMs: clock.now() }) ?? scene
}
