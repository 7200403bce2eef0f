/**
 * The key of the next public certificate: made before the order, kept in a Secret of its own until its certificate arrived, never
 * overwritten. Whoever was killed orders with the same key.
 */
import { createPublicKey } from 'node:crypto'
import { names } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { NameTaken } from '#operator/kube/apply.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { isConflict, type Kube, type Ref, refTo } from '#operator/kube/kube.ts'
import { belongsTo, clusterLabels } from '#operator/kube/labels.ts'
import { type Secret, secretData, secretText } from '#operator/kube/secret.ts'
import { pinOf } from '#shared/pki/certificate.ts'
import { type KeyKind, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { privateKeyPem, readPrivateKey } from '#shared/pki/pem.ts'

/**
 * The key that waits, or a new one; `used`: pin of the key that is served, whose own deletion may not have come about. Throws `NameTaken` where
 * somebody else's Secret bears the name.
 */
export async function stagedKey(
  kube: Kube,
  cluster: Strongroom,
  { kind, used }: { readonly kind: KeyKind; readonly used?: string | undefined },
): Promise<KeyPair> {
  const waiting = await waitingKey(kube, cluster)
  if (waiting !== undefined && pinOf(waiting.privateKey) !== used) return waiting
  if (waiting !== undefined) await deleteStagedKey(kube, cluster)
  const keys = await makeKeyPair(kind)
  try {
    await kube.create<Secret>(secrets, stagedSecret(cluster, keys))
    return keys
  } catch (error) {
    if (!isConflict(error)) throw error
  }
  const theirs = await waitingKey(kube, cluster)
  if (theirs === undefined)
    throw new NameTaken(`Secret "${refOf(cluster).name}" changes all the time`)
  return theirs
}

/** Once its certificate is in use. Missing is fine. */
export async function deleteStagedKey(kube: Kube, cluster: Strongroom): Promise<void> {
  const there = await kube.get<Secret>(secrets, refOf(cluster))
  if (there === undefined || !belongsTo(there, cluster.metadata.name)) return
  const { uid } = there.metadata
  await kube.delete(secrets, { ...refOf(cluster), ...(uid === undefined ? {} : { uid }) })
}

async function waitingKey(kube: Kube, cluster: Strongroom): Promise<KeyPair | undefined> {
  const there = await kube.get<Secret>(secrets, refOf(cluster))
  if (there === undefined) return undefined
  if (!belongsTo(there, cluster.metadata.name))
    throw new NameTaken(
      `Secret "${there.metadata.name}" exists and was not made for this cluster: delete or rename it`,
    )
  const privateKey = readPrivateKey(secretText(there, 'tls.key'))
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

function stagedSecret(cluster: Strongroom, { privateKey }: KeyPair): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...refOf(cluster), labels: clusterLabels(cluster.metadata.name, 'trust') },
    type: 'Opaque',
    data: secretData({ 'tls.key': privateKeyPem(privateKey) }),
  }
}

function refOf(cluster: Strongroom): Ref {
  return refTo(cluster, names.nextServerKey(cluster.metadata.name))
}
