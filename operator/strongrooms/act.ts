/** Runs the steps of a plan in their order. Decides nothing; each step may be run again. */
import { randomBytes } from 'node:crypto'
import { ActFailed, type Attempts, basisOf } from '#operator/access/attempts.ts'
import { names } from '#operator/api/names.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { type Applied, type Applying, applyChildren, applyWhole } from '#operator/kube/apply.ts'
import { setFinalizer } from '#operator/kube/finalizers.ts'
import { keyOf } from '#operator/kube/key.ts'
import {
  configMaps,
  persistentVolumeClaims,
  pods,
  secrets,
  statefulSets,
} from '#operator/kube/kinds.ts'
import type { Kube, KubeObject } from '#operator/kube/kube.ts'
import { annotation, clusterLabels, fieldManager } from '#operator/kube/labels.ts'
import { createOwn, deleteOwn, patchOwn, patchPodOf } from '#operator/kube/owned-writes.ts'
import { ownObject } from '#operator/kube/ownership.ts'
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
  const applying = { kube, owner: cluster, fieldManager: fieldManager.strongrooms }
  for (const step of steps) {
    const attempt = { key: keyOf(cluster), act: titleOf(step), basis: basisOf(cluster) }
    try {
      deeds.push(...(await attempts.run(attempt, () => run({ applying, observed }, step))))
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
    case 'keep':
    case 'publish':
    case 'grow-volume':
    case 'delete-volume':
      return `${step.kind} ${step.name}`
    case 'claim':
    case 'strip':
      return `${step.kind} ${step.child.kind.kind} ${step.child.object.metadata.name}`
    default:
      return step.kind
  }
}

interface Scene {
  readonly applying: Applying
  readonly observed: Observed
}

type StepOf<K extends Step['kind']> = Extract<Step, { kind: K }>
type Handlers = { readonly [K in Step['kind']]: (scene: Scene, step: StepOf<K>) => Promise<Deed[]> }

const handlers: Handlers = {
  'make-master-key': makeMasterKey,
  issue,
  'take-over': takeOver,
  keep,
  publish,
  claim,
  strip,
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
async function makeMasterKey({ applying, observed }: Scene): Promise<Deed[]> {
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
  if ((await createOwn(applying, secrets, secret)) === undefined) return []
  return [
    {
      reason: 'MasterKeyMade',
      note: `Made the master key in Secret "${name}": back it up, nothing can be opened without it`,
    },
  ]
}

async function issue(scene: Scene, { purpose, why }: StepOf<'issue'>): Promise<Deed[]> {
  const { applying, observed } = scene
  const name = secretNameOf(purpose, observed.cluster.metadata.name)
  const secret = tlsSecret(observed, name, await issuedData(purpose, observed))
  const isAuthority = purpose === 'client-authority' || purpose === 'server-authority'
  if (!isAuthority) await applySecret(scene, secret)
  else {
    // An authority is never overwritten: one that the cache does not show yet is seen at the next look.
    if ((await ownObject(applying, secrets, secret.metadata)) !== undefined) return []
    if ((await createOwn(applying, secrets, secret)) === undefined) return []
  }
  return [
    {
      reason: 'CertificateIssued',
      note: `Issued the ${purpose} certificate into Secret "${name}" (${why})`,
    },
  ]
}

async function applySecret({ applying, observed }: Scene, secret: Secret): Promise<Applied> {
  const present = observed.secrets.get(secret.metadata.name)
  return applyWhole(applying, { kind: secrets, object: secret }, { present })
}

async function takeOver(scene: Scene, { data, from }: StepOf<'take-over'>): Promise<Deed[]> {
  const { metadata } = scene.observed.cluster
  await applySecret(scene, tlsSecret(scene.observed, names.serverTls(metadata.name), data))
  // That an issuer of ours gave it was told when it came.
  if (from === names.issuedTls(metadata.name)) return []
  return [
    {
      reason: 'CertificateTakenOver',
      note: `Took over the certificate of Secret "${from}"`,
    },
  ]
}

/** What is trusted lies where the operator and administrators of Secrets alone reach. */
async function keep(scene: Scene, { name, data, notes }: StepOf<'keep'>): Promise<Deed[]> {
  const { metadata, ...rest } = shape(scene.observed, 'Secret', name)
  const annotations = { ...notes }
  const secret = {
    ...rest,
    metadata: { ...metadata, annotations },
    type: 'Opaque',
    data: secretData(data),
  }
  return told('TrustKept', await applySecret(scene, secret))
}

async function publish({ applying, observed }: Scene, step: StepOf<'publish'>): Promise<Deed[]> {
  const { name, data, knownUid: uid } = step
  const map: ConfigMap = { ...shape(observed, 'ConfigMap', name), data }
  const present = observed.configMaps.get(name)
  return told(
    'TrustPublished',
    await applyWhole(applying, { kind: configMaps, object: map }, { present, uid }),
  )
}

/** Others who wrote there are told of: it may have been an attack. */
function told(reason: string, { kind, name, did, foreign }: Applied): Deed[] {
  const what = `${kind} "${name}"`
  if (did === 'replaced')
    return [
      { reason: 'TrustRestored', note: `Replaced ${what}, which somebody had made immutable` },
    ]
  if (foreign === undefined) return [{ reason, note: `Wrote ${what}` }]
  return [
    {
      reason: 'TrustRestored',
      note: `Took out of ${what} what others had put in: ${inWords(foreign)}`,
    },
  ]
}

async function claim({ applying }: Scene, { child }: StepOf<'claim'>): Promise<Deed[]> {
  await patchOwn(applying, child, {})
  return []
}

async function strip({ applying }: Scene, { child, foreign }: StepOf<'strip'>): Promise<Deed[]> {
  await patchOwn(applying, child, foreign.patch)
  const what = { kind: child.kind.kind, name: child.object.metadata.name }
  return told('', { ...what, did: 'repaired', foreign: foreign.paths })
}

function inWords(paths: readonly string[]): string {
  return paths.join(', ').slice(0, 500)
}

async function applyAll(
  { applying }: Scene,
  children: Parameters<typeof applyChildren>[1],
): Promise<Deed[]> {
  const applied = await applyChildren(applying, children)
  return applied.map(({ kind, name, did, foreign = [] }) => ({
    reason: `${kind}${did.charAt(0).toUpperCase()}${did.slice(1)}`,
    note: `${kind} "${name}" was ${did}${foreign.length === 0 ? '' : `: others had added ${inWords(foreign)}`}`,
  }))
}

async function nudge(
  { applying, observed }: Scene,
  { pod: name, mounted }: StepOf<'nudge'>,
): Promise<Deed[]> {
  const pod = observed.members.find(({ pod: { metadata } }) => metadata.name === name)?.pod
  if (pod === undefined) return []
  const set = observed.children.find(({ kind }) => kind.kind === statefulSets.kind)?.object
  const patch = { metadata: { annotations: { [annotation.nudge]: mounted } } }
  await patchPodOf(applying, { kind: pods, pod, set }, patch)
  return []
}

async function growVolume(
  { applying, observed }: Scene,
  { name, size }: StepOf<'grow-volume'>,
): Promise<Deed[]> {
  const patch = { spec: { resources: { requests: { storage: size } } } }
  const object = volumeNamed(observed, name)
  await patchOwn(applying, { kind: persistentVolumeClaims, object }, patch)
  return [{ reason: 'VolumeGrown', note: `Asked for ${size} for volume "${name}"` }]
}

async function deleteVolume(
  { applying, observed }: Scene,
  { name }: StepOf<'delete-volume'>,
): Promise<Deed[]> {
  await deleteOwn(applying, persistentVolumeClaims, volumeNamed(observed, name))
  return [
    { reason: 'VolumeDeleted', note: `Deleted volume "${name}", as spec.deletionPolicy says` },
  ]
}

function volumeNamed({ volumes }: Observed, name: string): KubeObject {
  const found = volumes.find(({ metadata }) => metadata.name === name)
  if (found === undefined) throw new TypeError(`the plan names volumes that were seen: ${name}`)
  return found
}

async function hold({ applying, observed }: Scene, wanted: boolean): Promise<Deed[]> {
  await setFinalizer(applying.kube, strongrooms, { resource: observed.cluster, wanted })
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
