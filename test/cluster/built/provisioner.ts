/**
 * Volumes of a built cluster: folders of this machine. `local` volumes and not `hostPath`, because only they honour fsGroup.
 * Class `shared` acts as a network disk, which every node sees; `standard` as a disk of one node.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Cache } from '#operator/kube/cache.ts'
import { persistentVolumeClaims } from '#operator/kube/kinds.ts'
import { isConflict, type Kind, type Kube, type KubeObject } from '#operator/kube/kube.ts'

export const persistentVolumes: Kind = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  namespaced: false,
}

const provisioner = 'cluster.test/directory'

interface Claim extends KubeObject {
  readonly spec: {
    readonly accessModes: readonly string[]
    readonly storageClassName: string
    readonly volumeName?: string
    readonly resources: { readonly requests: { readonly storage: string } }
  }
}

interface Volume extends KubeObject {
  readonly spec: { readonly local?: { readonly path: string }; readonly [field: string]: unknown }
  readonly status?: { readonly phase?: string }
}

export interface Provisioning {
  readonly cache: Cache
  readonly kube: Kube
  readonly directory: string
}

export function provisionVolumes({ cache, kube, directory }: Provisioning): void {
  const tell = (error: unknown): void => void process.stderr.write(`${String(error)}\n`)
  cache.onObject<Claim>(
    persistentVolumeClaims,
    (claim) => void provision(claim, kube, directory).catch(tell),
  )
  cache.onObject<Volume>(persistentVolumes, (volume) => void remove(volume, kube).catch(tell))
}

async function provision(claim: Claim, kube: Kube, directory: string): Promise<void> {
  const { annotations = {}, uid, deletionTimestamp } = claim.metadata
  const node = annotations['volume.kubernetes.io/selected-node']
  const isOurs = annotations['volume.kubernetes.io/storage-provisioner'] === provisioner
  if (
    !isOurs ||
    node === undefined ||
    claim.spec.volumeName !== undefined ||
    deletionTimestamp !== undefined
  )
    return
  const path = join(directory, `pvc-${uid}`)
  mkdirSync(path, { recursive: true, mode: 0o777 })
  await kube.create(persistentVolumes, volumeFor(claim, { path, node })).catch((error) => {
    if (!isConflict(error)) throw error
  })
}

function volumeFor(
  { metadata, spec }: Claim,
  { path, node }: { readonly path: string; readonly node: string },
): Volume {
  const { name, namespace, uid, resourceVersion } = metadata
  const where =
    spec.storageClassName === 'shared'
      ? { key: 'kubernetes.io/os', values: ['linux'] }
      : { key: 'kubernetes.io/hostname', values: [node] }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: `pvc-${uid}`,
      annotations: { 'pv.kubernetes.io/provisioned-by': provisioner },
    },
    spec: {
      capacity: { storage: spec.resources.requests.storage },
      accessModes: spec.accessModes,
      storageClassName: spec.storageClassName,
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: {
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        name,
        namespace,
        uid,
        resourceVersion,
      },
      local: { path },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ ...where, operator: 'In' }] }] },
      },
    },
  }
}

async function remove({ metadata, spec, status }: Volume, kube: Kube): Promise<void> {
  const isOurs = metadata.annotations?.['pv.kubernetes.io/provisioned-by'] === provisioner
  if (
    !isOurs ||
    status?.phase !== 'Released' ||
    metadata.deletionTimestamp !== undefined ||
    spec.local === undefined
  )
    return
  rmSync(spec.local.path, { recursive: true, force: true })
  await kube.delete(persistentVolumes, { name: metadata.name })
}
