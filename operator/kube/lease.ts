/** The lease of the leader as an object of the cluster (coordination.k8s.io/v1). */
import type { LeaseRecord, LeaseStore } from '#operator/runtime/leader.ts'
import { leases } from './kinds.ts'
import { isConflict, type Kube, type KubeObject, type Ref } from './kube.ts'

interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseTransitions?: number
    readonly renewTime?: string
    readonly acquireTime?: string
    readonly leaseDurationSeconds?: number
  }
}

export function leaseStore(kube: Kube, ref: Ref, leaseSeconds: number): LeaseStore {
  return {
    read: async () => {
      const lease = await kube.get<Lease>(leases, ref)
      return lease === undefined
        ? undefined
        : { record: recordOf(lease), version: lease.metadata.resourceVersion ?? '' }
    },
    write: async (record, version) => {
      try {
        await write(kube, ref, { record, version, leaseSeconds })
        return true
      } catch (error) {
        if (isConflict(error)) return false
        throw error
      }
    },
  }
}

async function write(
  kube: Kube,
  ref: Ref,
  {
    record,
    version,
    leaseSeconds,
  }: {
    readonly record: LeaseRecord
    readonly version: string | undefined
    readonly leaseSeconds: number
  },
): Promise<void> {
  const spec = {
    holderIdentity: record.holder,
    leaseTransitions: record.transitions,
    leaseDurationSeconds: leaseSeconds,
    renewTime: micros(record.renewedAt),
    acquireTime: micros(record.acquiredAt),
  }
  if (version === undefined) {
    await kube.create<Lease>(leases, {
      apiVersion: leases.apiVersion,
      kind: leases.kind,
      metadata: ref,
      spec,
    })
    return
  }
  // The version makes it a comparison: it conflicts where another wrote since.
  await kube.patch(leases, ref, { metadata: { resourceVersion: version }, spec })
}

function recordOf({ spec = {} }: Lease): LeaseRecord {
  return {
    holder: spec.holderIdentity ?? '',
    transitions: spec.leaseTransitions ?? 0,
    renewedAt: Date.parse(spec.renewTime ?? '1970-01-01T00:00:00Z'),
    acquiredAt: Date.parse(spec.acquireTime ?? '1970-01-01T00:00:00Z'),
  }
}

function micros(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
