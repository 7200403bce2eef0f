/**
 * The key of the next public certificate: made before the order, kept in a Secret of its own until its certificate arrived, never
 * overwritten. Whoever was killed orders with the same key.
 */
import { createPublicKey } from 'node:crypto'
import { names } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { Cache } from '#operator/kube/cache.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { type Kube, type Ref, refTo } from '#operator/kube/kube.ts'
import { clusterLabels } from '#operator/kube/labels.ts'
import { createOwn, deleteOwn } from '#operator/kube/owned-writes.ts'
import { isOwn, NameTaken, ownObject } from '#operator/kube/ownership.ts'
import { type Secret, secretData, secretText } from '#operator/kube/secret.ts'
import { pinOf } from '#shared/pki/certificate.ts'
import { type KeyKind, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { privateKeyPem, readPrivateKey } from '#shared/pki/pem.ts'

export interface StagedKey {
  readonly keys: KeyPair
  /** As it was read or made. */
  readonly secret: Secret
}

export interface KeyWish {
  readonly kind: KeyKind
  /** Pin of the key that is served, whose own deletion may not have come about. */
  readonly used?: string | undefined
  /** One was seen: only then it is looked for before another one is made, which the API server refuses beside it. */
  readonly isSeen: boolean
}

/** The key that waits, or a new one. Throws `NameTaken` where somebody else's Secret bears the name. */
export async function stagedKey(
  kube: Kube,
  cluster: Strongroom,
  { kind, used, isSeen }: KeyWish,
): Promise<StagedKey> {
  const waiting = isSeen ? await waitingKey(kube, cluster) : undefined
  if (waiting !== undefined && pinOf(waiting.keys.privateKey) !== used) return waiting
  const writing = { kube, owner: cluster }
  if (waiting !== undefined) await deleteOwn(writing, secrets, waiting.secret)
  const keys = await makeKeyPair(kind)
  const secret = await createOwn(writing, secrets, stagedSecret(cluster, keys))
  if (secret !== undefined) return { keys, secret }
  if (!isSeen) return stagedKey(kube, cluster, { kind, used, isSeen: true })
  const theirs = await waitingKey(kube, cluster)
  if (theirs === undefined)
    throw new NameTaken(`Secret "${refOf(cluster).name}" changes all the time`)
  return theirs
}

/** By the cache, which may be a moment behind. */
export function isStagedKeySeen(cluster: Strongroom, cache: Pick<Cache, 'get'>): boolean {
  return cache.get<Secret>(secrets, refOf(cluster)) !== undefined
}

/** Once its certificate is in use. Missing is fine. `known`: it was read a moment ago; another one of its name stays, and is said (409). */
export async function deleteStagedKey(
  kube: Kube,
  cluster: Strongroom,
  known?: Pick<StagedKey, 'secret'>,
): Promise<void> {
  const there = known?.secret ?? (await kube.get<Secret>(secrets, refOf(cluster)))
  if (there === undefined || !isOwn(there, cluster)) return
  await deleteOwn({ kube, owner: cluster }, secrets, there)
}

async function waitingKey(kube: Kube, cluster: Strongroom): Promise<StagedKey | undefined> {
  const there = await ownObject<Secret>({ kube, owner: cluster }, secrets, refOf(cluster))
  if (there === undefined) return undefined
  const privateKey = readPrivateKey(secretText(there, 'tls.key'))
  const keys = { privateKey, publicKey: createPublicKey(privateKey) }
  return { keys, secret: there }
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
