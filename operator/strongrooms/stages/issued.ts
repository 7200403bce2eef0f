/** The public certificate that an issuer of ours gave: it lies in a Secret of its own, so that it is found again after another source was declared for a while. */
import { names } from '#operator/api/names.ts'
import { ownIssuer } from '#operator/api/own-issuer.ts'
import { tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Observed } from '../observe.ts'
import { heldIn } from '../orders/held.ts'
import { type Leaf, takenOver } from './taken-over.ts'

/** Taken over where the declared issuer gave it and it may be served. Why it may not is said where another one is ordered. */
export function issuedLeaf(observed: Observed): Leaf {
  const { cluster, secrets } = observed
  const name = names.issuedTls(cluster.metadata.name)
  const secret = secrets.get(name)
  const found = tlsMaterial(secret, name)
  const held = heldIn(found, secret)
  if (held === undefined || held.issuer !== ownIssuer(cluster)?.title) return { steps: [] }
  const { steps, againAtMs } = takenOver(observed, { secret, name, found })
  return { steps, ...(againAtMs === undefined ? {} : { againAtMs }) }
}
