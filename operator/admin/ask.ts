/** The server of a cluster, asked for its state or its certificates; what cannot be had is said in words. */
import type { Cache } from '#operator/kube/cache.ts'
import type { Kube } from '#operator/kube/kube.ts'
import type { Clock } from '#shared/clock.ts'
import type { Admin, CertificateState, Endpoint } from './admin.ts'
import { anyEndpoint, type ClusterRef } from './endpoint.ts'

export interface Asked<T> {
  readonly admin: Admin | undefined
  /** Nothing where no member could be asked. */
  readonly answer: T | undefined
  readonly unreachable: string | undefined
}

export interface Connecting {
  readonly cache: Cache
  readonly connect: (endpoint: Endpoint) => Admin
}

/** What a resource that belongs to a Strongroom is observed with. */
export interface ObserveMeans extends Connecting {
  readonly kube: Kube
  readonly clock: Clock
  /** As of `SecretReading`. */
  readonly secretOptIn?: boolean | undefined
}

export async function askServer<T>(
  { cache, connect }: Connecting,
  cluster: ClusterRef,
  question: (admin: Admin) => Promise<T>,
): Promise<Asked<T>> {
  const endpoint = anyEndpoint(cache, cluster)
  if (endpoint === undefined)
    return { admin: undefined, answer: undefined, unreachable: 'No member of the cluster is ready' }
  const admin = connect(endpoint)
  try {
    return { admin, answer: await question(admin), unreachable: undefined }
  } catch (error) {
    return {
      admin,
      answer: undefined,
      unreachable: error instanceof Error ? error.message : String(error),
    }
  }
}

export interface RecordsAndStore {
  readonly records: readonly CertificateState[]
  readonly storeId: string
  readonly storeCommit: number
}

/** The certificates that a server knows, and the store that they are in. */
export async function recordsAndStore(admin: Admin): Promise<RecordsAndStore> {
  const [records, { StoreId, StoreCommit }] = await Promise.all([
    admin.certificates(),
    admin.state(),
  ])
  return { records, storeId: StoreId, storeCommit: StoreCommit }
}
