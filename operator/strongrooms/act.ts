/** Runs the steps of a plan in their order. Decides nothing; each step may be run again. */
import { randomBytes } from 'node:crypto'
import { ActFailed, type Attempts, basisOf } from '#operator/access/attempts.ts'
import { names } from '#operator/api/names.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { applyChildren, applyOwn, ownObject } from '#operator/kube/apply.ts'
import { setFinalizer } from '#operator/kube/finalizers.ts'
import { keyOf } from '#operator/kube/key.ts'
import { configMaps, persistentVolumeClaims, pods, secrets } from '#operator/kube/kinds.ts'
import { isConflict, type Kube, type KubeObject, refTo } from '#operator/kube/kube.ts'
import { annotation, clusterLabels, fieldManager } from '#operator/kube/labels.ts'
import { type ConfigMap, type Secret, secretData } from '#operator/kube/secret.ts'
import type { Deed } from '#operator/kube/status.ts'
import { issuedData } from './issue.ts'
import type { Observed } from './observe.ts'
import type { Plan } from './plan.ts'
import type { Step } from './stage.ts'
import { secretNameOf } from './stages/certificates.ts'

export interface Acted {
  readonly deeds: readonly Deed[]
  /** The first step that came to nothing. The later ones were taken all the same: none of them stands on another of the same plan. */
  readonly failed: ActFailed | undefined
}

export async function act(
  { kube, attempts }: { readonly kube: Kube; readonly attempts: Attempts },
  observed: Observed,
  { steps }: Plan,
): Promise<Acted> {
  const deeds: Deed[] = []
  let failed: ActFailed | undefined
  const { cluster } = observed
  for (const step of steps) {
    const attempt = { key: keyOf(cluster), act: titleOf(step), basis: basisOf(cluster) }
    try {
      deeds.push(...(await attempts.run(attempt, () => run({ kube, observed }, step))))
    } catch (error) {
      if (!(error instanceof ActFailed)) throw error
      failed ??= error
    }
  }
  return { deeds, failed }
}

/** Tells the steps of one plan apart. */
function titleOf(step: Step): string {
  switch (step.kind) {
    case 'issue':
      return `issue ${step.purpose}`
    case 'take-over':
      return `take-over ${step.from}`
    case 'apply':
      return `apply ${step.desired.map(({ object }) => `${object.kind} ${object.metadata.name}`).join()}`
    case 'nudge':
      return `nudge ${step.pod}`
    case 'publish':
    case 'grow-volume':
    case 'delete-volume':
      return `${step.kind} ${step.name}`
    default:
      return step.kind
  }
}

interface Scene {
  readonly kube: Kube
  readonly observed: Observed
}

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>
type Handlers = { readonly [K in Step['kind']]: (scene: Scene, step: StepOf<K>) => Promise<Deed[]> }

const handlers: Handlers = {
  'make-master-key': makeMasterKey,
  issue,
  'take-over': takeOver,
  publish,
  apply: applyAll,
  'delete-children': (scene, { found }) => applyAll(scene, { desired: [], found }),
  nudge,
  'grow-volume': growVolume,
  'delete-volume': deleteVolume,
  'add-finalizer': (scene) => hold(scene, true),
  'remove-finalizer': (scene) => hold(scene, false),
}

function run<K extends Step['kind']>(scene: Scene, step: StepOf<K>): Promise<Deed[]> {
  const handler = handlers[step.kind as K] as Handlers[K]
  return handler(scene, step)
}

/** Created, never applied: where somebody made one meanwhile, theirs stays. */
async function makeMasterKey({ kube, observed }: Scene): Promise<Deed[]> {
  const name = names.masterKey(observed.cluster.metadata.name)
  const key = randomBytes(32)
  const id = `k${randomBytes(4).toString('hex')}`
  const data = secretData({ [id]: key, 'active-id': id })
  key.fill(0)
  const secret: Secret = {
    ...shape(observed, 'Secret', name),
    type: 'strongroom.dev/master-key',
    data,
  }
  try {
    await kube.create(secrets, secret)
  } catch (error) {
    if (isConflict(error)) return []
    throw error
  }
  return [
    {
      reason: 'MasterKeyMade',
      note: `Made the master key in Secret "${name}": back it up, nothing can be opened without it`,
    },
  ]
}

async function issue(
  { kube, observed }: Scene,
  { purpose, why }: StepOf<'issue'>,
): Promise<Deed[]> {
  const name = secretNameOf(purpose, observed.cluster.metadata.name)
  const secret = tlsSecret(observed, name, await issuedData(purpose, observed))
  const isAuthority = purpose === 'client-authority' || purpose === 'server-authority'
  if (!isAuthority) await applySecret({ kube, observed }, secret)
  // An authority is never overwritten: one that the cache does not show yet is seen at the next look.
  else if ((await ownObject(kube, { kind: secrets, object: secret })) === undefined)
    await kube.create(secrets, secret)
  else return []
  return [
    {
      reason: 'CertificateIssued',
      note: `Issued the ${purpose} certificate into Secret "${name}" (${why})`,
    },
  ]
}

async function applySecret({ kube, observed }: Scene, secret: Secret): Promise<void> {
  const isThere = observed.secrets.has(secret.metadata.name)
  await applyOwn(kube, fieldManager.strongrooms, { kind: secrets, object: secret, isThere })
}

async function takeOver(
  { kube, observed }: Scene,
  { data, from }: StepOf<'take-over'>,
): Promise<Deed[]> {
  const { metadata } = observed.cluster
  await applySecret({ kube, observed }, tlsSecret(observed, names.serverTls(metadata.name), data))
  // That an issuer of ours gave it was told when it came.
  if (from === names.issuedTls(metadata.name)) return []
  return [
    {
      reason: 'CertificateTakenOver',
      note: `Took over the certificate of Secret "${from}"`,
    },
  ]
}

async function publish(
  { kube, observed }: Scene,
  { name, data }: StepOf<'publish'>,
): Promise<Deed[]> {
  const map: ConfigMap = { ...shape(observed, 'ConfigMap', name), data }
  const isThere = observed.configMaps.has(name)
  await applyOwn(kube, fieldManager.strongrooms, { kind: configMaps, object: map, isThere })
  return [{ reason: 'TrustPublished', note: `Wrote ConfigMap "${name}"` }]
}

async function applyAll(
  { kube }: Scene,
  children: Parameters<typeof applyChildren>[2],
): Promise<Deed[]> {
  const applied = await applyChildren(kube, fieldManager.strongrooms, children)
  return applied.map(({ kind, name, did }) => ({
    reason: did === 'applied' ? `${kind}Applied` : `${kind}Deleted`,
    note: `${kind} "${name}" was ${did}`,
  }))
}

async function nudge(
  { kube, observed }: Scene,
  { pod, mounted }: StepOf<'nudge'>,
): Promise<Deed[]> {
  await kube.patch(pods, refTo(observed.cluster, pod), {
    metadata: { annotations: { [annotation.nudge]: mounted } },
  })
  return []
}

async function growVolume(
  { kube, observed }: Scene,
  { name, size }: StepOf<'grow-volume'>,
): Promise<Deed[]> {
  await kube.patch(persistentVolumeClaims, refTo(observed.cluster, name), {
    spec: { resources: { requests: { storage: size } } },
  })
  return [{ reason: 'VolumeGrown', note: `Asked for ${size} for volume "${name}"` }]
}

async function deleteVolume(
  { kube, observed }: Scene,
  { name, uid }: StepOf<'delete-volume'>,
): Promise<Deed[]> {
  await kube.delete(persistentVolumeClaims, { ...refTo(observed.cluster, name), uid })
  return [
    { reason: 'VolumeDeleted', note: `Deleted volume "${name}", as spec.deletionPolicy says` },
  ]
}

async function hold({ kube, observed }: Scene, wanted: boolean): Promise<Deed[]> {
  await setFinalizer(kube, strongrooms, { resource: observed.cluster, wanted })
  return []
}

function tlsSecret(
  observed: Observed,
  name: string,
  data: Readonly<Record<string, string>>,
): Secret {
  return { ...shape(observed, 'Secret', name), type: 'kubernetes.io/tls', data }
}

/** Without owner: keys and trust outlive the resource. */
function shape({ cluster }: Observed, kind: 'Secret' | 'ConfigMap', name: string): KubeObject {
  const { namespace, name: owner } = cluster.metadata
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: clusterLabels(owner, 'trust'),
    },
  }
}
