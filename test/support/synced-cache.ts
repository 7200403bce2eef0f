/** The operator's cache over a fake cluster, listed once and followed: for tests of what reads from it. */
import { customKinds } from '#operator/api/kinds.ts'
import { Cache } from '#operator/kube/cache.ts'
import { childKinds, optionalKinds } from '#operator/kube/child-kinds.ts'
import type { Kube, KubeObject } from '#operator/kube/kube.ts'
import { annotation, clusterLabels } from '#operator/kube/labels.ts'
import { type Secret, secretData } from '#operator/kube/secret.ts'
import { type FakeTime, fakeTime } from './fake-timers.ts'

export interface SyncedCache extends AsyncDisposable {
  readonly cache: Cache
  readonly time: FakeTime
}

export async function syncedCache(kube: Kube): Promise<SyncedCache> {
  const labelSelector = 'app.kubernetes.io/managed-by=strongroom-operator'
  const watched = [
    ...customKinds.map((kind) => ({ kind })),
    ...childKinds.map((kind) => ({ kind, labelSelector })),
    ...optionalKinds.map((kind) => ({ kind, labelSelector, isOptional: true })),
  ]
  const time = fakeTime()
  const means = {
    timers: time,
    random: () => 0.5,
    backoff: { firstMs: 100, mostMs: 1_000 },
    idleMs: 1e9,
    resyncMs: 1e9,
    failed: () => undefined,
  }
  const cache = new Cache(kube, { watched, namespaces: [] }, means)
  const stop = new AbortController()
  const ended = cache.run(stop.signal)
  await cache.synced()
  await time.pass(1)
  const dispose = async (): Promise<void> => {
    stop.abort()
    await ended
  }
  return { cache, time, [Symbol.asyncDispose]: dispose }
}

/** An object of the operator that belongs to the Strongroom `vault` in namespace `shop`. */
export function ofVault<T extends KubeObject>(object: T, component = 'trust'): T {
  const labels = { ...clusterLabels('vault', component), ...object.metadata.labels }
  const annotations = { [annotation.source]: 'Strongroom/vault', ...object.metadata.annotations }
  return { ...object, metadata: { ...object.metadata, labels, annotations } }
}

/** A server's pod. */
export function pod(isReady = true, name = 'vault-0'): KubeObject {
  const status = {
    podIP: '198.18.65.2',
    phase: 'Running',
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
  }
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' }, status }
  return ofVault(object, 'server')
}

/** What the Strongroom controller leaves for the others: its certificate and the trust. */
export function trustObjects(): readonly KubeObject[] {
  const secret = (name: string, texts: Readonly<Record<string, string>>): Secret => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'shop' },
    data: secretData(texts),
  })
  return [
    ofVault(secret('vault-operator', { 'tls.crt': 'CERT', 'tls.key': 'KEY' })),
    ofVault(secret('vault-trust', { 'ca-bundle.crt': 'CA' })),
  ]
}
