/** Revokes the certificate that the annotation names, once; another one is then ordered, and the revoked one served until it came. */
import { names } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { type Kube, refTo } from '#operator/kube/kube.ts'
import { annotation } from '#operator/kube/labels.ts'
import { patchOwn } from '#operator/kube/owned-writes.ts'
import { ownObject } from '#operator/kube/ownership.ts'
import { AcmeProblem } from '#shared/acme/problem.ts'
import type { OrderingIssuer } from './issuer.ts'
import { revocationAsked } from './order-reason.ts'
import type { OrderMeans, OrderScene } from './scene.ts'

export async function revoked(
  scene: OrderScene,
  { api }: Pick<OrderingIssuer, 'api'>,
  { kube, report }: Pick<OrderMeans, 'kube' | 'report'>,
): Promise<OrderScene> {
  const { cluster, held, certificate, issuer } = scene
  const asked = revocationAsked(cluster, held)
  if (asked === undefined || held === undefined || certificate === undefined) return scene
  if (held.revoked) return scene
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
  await noteRevoked(kube, cluster, certificate.sha256)
  const note = `${issuer} revoked the certificate ${certificate.sha256}`
  await report(cluster, { reason: 'CertificateRevoked', note }, 'Normal')
  return {
    ...scene,
    held: { ...held, revoked: true },
    certificate: { ...certificate, revoked: true },
  }
}

/** Beside the certificate, for whoever finds it without this resource and its status. */
async function noteRevoked(kube: Kube, cluster: Strongroom, sha256: string): Promise<void> {
  const ref = refTo(cluster, names.issuedTls(cluster.metadata.name))
  const writing = { kube, owner: cluster }
  const secret = await ownObject(writing, secrets, ref)
  if (secret === undefined) return
  const patch = { metadata: { annotations: { [annotation.revoked]: sha256 } } }
  await patchOwn(writing, { kind: secrets, object: secret }, patch)
}
