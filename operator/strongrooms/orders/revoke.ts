/** Revokes the certificate that the annotation names, once; another one is then ordered, and the revoked one served until it came. */
import { AcmeProblem } from '#shared/acme/problem.ts'
import type { OrderingIssuer } from './issuer.ts'
import { revocationAsked } from './order-reason.ts'
import type { OrderMeans, OrderScene } from './scene.ts'

export async function revoked(
  scene: OrderScene,
  { api }: Pick<OrderingIssuer, 'api'>,
  { report }: Pick<OrderMeans, 'report'>,
): Promise<OrderScene> {
  const { cluster, held, certificate, issuer } = scene
  const asked = revocationAsked(cluster, held)
  if (asked === undefined || held === undefined || certificate === undefined) return scene
  if (certificate.revoked === true) return scene
  try {
    await api.revoke(held.certificate.der, asked.reason)
  } catch (error) {
    if (!(error instanceof AcmeProblem)) throw error
    // Revoked before, and killed before that was written down; or by somebody else.
    if (error.type !== 'alreadyRevoked') {
      const note = `${issuer} does not revoke the certificate ${certificate.sha256}: ${error.message}`
      await report(cluster, { reason: 'RevocationRefused', note }, 'Warning')
      throw error
    }
  }
  const note = `${issuer} revoked the certificate ${certificate.sha256}`
  await report(cluster, { reason: 'CertificateRevoked', note }, 'Normal')
  return { ...scene, certificate: { ...certificate, revoked: true } }
}
