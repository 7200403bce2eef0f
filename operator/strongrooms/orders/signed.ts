/** The public certificate from a CA of the user's own: signed at once, no order. */
import { makeKeyPair } from '#shared/pki/issue.ts'
import type { SigningIssuer } from './issuer.ts'
import { keepCertificate } from './keep.ts'
import { type OrderMeans, type OrderScene, type Passed, sceneOf, settledPass } from './scene.ts'

export async function signed(
  scene: OrderScene,
  issuer: SigningIssuer,
  { kube, report, clock }: Pick<OrderMeans, 'kube' | 'report' | 'clock'>,
): Promise<Passed> {
  const { cluster, held, names, issuer: title } = scene
  const isItsOwn = held !== undefined && issuer.hasSigned(held.certificate.der)
  const reason = scene.reason ?? (isItsOwn ? undefined : 'IncorrectIssuer')
  if (reason === undefined)
    return settledPass({ ...scene, order: undefined, askAtMs: Number.POSITIVE_INFINITY })
  const keys = await makeKeyPair(issuer.keyKind)
  const { chain, ca } = await issuer.sign(names, keys)
  const secret = await keepCertificate(kube, { cluster, issuer: title, chain, keys, ca, held })
  const note = `Issued the public certificate by ${title} (${reason})`
  await report(cluster, { reason: 'CertificateIssued', note }, 'Normal')
  const after = sceneOf({ cluster, secret, nowMs: clock.now() })
  return settledPass({ ...(after ?? scene), order: undefined, askAtMs: Number.POSITIVE_INFINITY })
}
