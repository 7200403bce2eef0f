/** Writes an issued certificate into its Secret, from where it is taken over into the one that pods mount: key and chain in one update, and what is known of them beside. */
import { names } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { applyWhole } from '#operator/kube/apply.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { annotation, clusterLabels, fieldManager } from '#operator/kube/labels.ts'
import { type Secret, secretData } from '#operator/kube/secret.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import type { KeyPair } from '#shared/pki/issue.ts'
import { privateKeyPem } from '#shared/pki/pem.ts'
import { type HeldCertificate, notesFor } from './held.ts'

export interface Arrived {
  readonly cluster: Strongroom
  readonly issuer: string
  /** PEM, the leaf first. */
  readonly chain: string
  readonly keys: KeyPair
  /** PEM of what verifies it; nothing where the world does. */
  readonly ca?: string
  /** The one of before. */
  readonly held: HeldCertificate | undefined
}

/** Without owner: it outlives the resource, and is found again by the next one of that name. Throws `NameTaken` where somebody else's bears it. */
export async function keepCertificate(kube: Kube, arrived: Arrived): Promise<Secret> {
  const { cluster, issuer, chain, keys, ca, held } = arrived
  const [certificate] = readCertificates(Buffer.from(chain))
  if (certificate === undefined) throw new TypeError('a chain is accepted before it is kept')
  const renewed = cluster.metadata.annotations?.[annotation.renew]
  const kept = { certificate, issuer, revision: (held?.revision ?? 0) + 1, renewed, revoked: false }
  const { name: owner, namespace } = cluster.metadata
  const object: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: names.issuedTls(owner),
      ...(namespace === undefined ? {} : { namespace }),
      labels: clusterLabels(owner, 'trust'),
      annotations: notesFor(kept),
    },
    type: 'kubernetes.io/tls',
    data: secretData({
      'tls.crt': chain,
      'tls.key': privateKeyPem(keys.privateKey),
      ...(ca === undefined ? {} : { 'ca.crt': ca }),
    }),
  }
  const applying = { kube, owner: cluster, fieldManager: fieldManager.strongrooms }
  await applyWhole(applying, { kind: secrets, object })
  return object
}
