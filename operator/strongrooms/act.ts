/** Runs the steps of a plan in their order. Decides nothing; each step may be run again. */
import { randomBytes } from 'node:crypto'
import { names } from '#operator/api/names.ts'
import { strongrooms } from '#operator/api/strongroom.ts'
import { applyChildren } from '#operator/kube/apply.ts'
import { configMaps, persistentVolumeClaims, pods, secrets } from '#operator/kube/kinds.ts'
import { isConflict, type Kube, type KubeObject } from '#operator/kube/kube.ts'
import { annotation, clusterLabels, fieldManager, finalizer } from '#operator/kube/labels.ts'
import { secretData } from '#operator/kube/secret.ts'
import { issuedData } from './issue.ts'
import type { Observed } from './observe.ts'
import type { Plan, Step } from './plan.ts'
import { secretNameOf } from './stages/certificates.ts'

/** What was done, in words for events. */
export interface Deed {
  readonly reason: string
  readonly note: string
}

export async function act(kube: Kube, observed: Observed, { steps }: Plan): Promise<Deed[]> {
  const deeds: Deed[] = []
  for (const step of steps) deeds.push(...(await run(kube, observed, step)))
  return deeds
}

async function run(kube: Kube, observed: Observed, step: Step): Promise<Deed[]> {
  const { cluster } = observed
  const { name, namespace = '' } = cluster.metadata
  switch (step.kind) {
    case 'make-master-key':
      return makeMasterKey(kube, observed)
    case 'issue':
      return issue(kube, observed, step)
    case 'take-over':
      await kube.apply(
        secrets,
        tlsSecret(observed, names.serverTls(name), step.data),
        fieldManager.strongrooms,
      )
      return [
        {
          reason: 'CertificateTakenOver',
          note: `Took over the certificate of Secret "${cluster.spec.tls?.server.secretRef?.name}"`,
        },
      ]
    case 'publish':
      await kube.apply(
        configMaps,
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: metadata(observed, step.name),
          data: step.data,
        } as KubeObject,
        fieldManager.strongrooms,
      )
      return [{ reason: 'TrustPublished', note: `Wrote ConfigMap "${step.name}"` }]
    case 'apply':
      return (await applyChildren(kube, fieldManager.strongrooms, step)).map(
        ({ kind, name: child, did }) => ({
          reason: did === 'applied' ? `${kind}Applied` : `${kind}Deleted`,
          note: `${kind} "${child}" was ${did}`,
        }),
      )
    case 'nudge':
      await kube.patch(
        pods,
        { name: step.pod, namespace },
        { metadata: { annotations: { [annotation.nudge]: step.mounted } } },
      )
      return []
    case 'grow-volume':
      await kube.patch(
        persistentVolumeClaims,
        { name: step.name, namespace },
        { spec: { resources: { requests: { storage: step.size } } } },
      )
      return [{ reason: 'VolumeGrown', note: `Asked for ${step.size} for volume "${step.name}"` }]
    case 'delete-volume':
      await kube.delete(persistentVolumeClaims, { name: step.name, namespace, uid: step.uid })
      return [
        {
          reason: 'VolumeDeleted',
          note: `Deleted volume "${step.name}", as spec.deletionPolicy says`,
        },
      ]
    case 'delete-children':
      return (
        await applyChildren(kube, fieldManager.strongrooms, { desired: [], found: step.found })
      ).map(({ kind, name: child }) => ({
        reason: `${kind}Deleted`,
        note: `${kind} "${child}" was deleted`,
      }))
    case 'add-finalizer':
    case 'remove-finalizer':
      await setFinalizer(kube, observed, step.kind === 'add-finalizer')
      return []
    default:
      return step satisfies never
  }
}

/** Created, never applied: where somebody made one meanwhile, theirs stays. */
async function makeMasterKey(kube: Kube, observed: Observed): Promise<Deed[]> {
  const name = names.masterKey(observed.cluster.metadata.name)
  const key = randomBytes(32)
  const id = `k${randomBytes(4).toString('hex')}`
  try {
    const data = secretData({ [id]: key, 'active-id': id })
    await kube.create(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata(observed, name),
      type: 'strongroom.dev/master-key',
      data,
    } as KubeObject)
    return [
      {
        reason: 'MasterKeyMade',
        note: `Made the master key in Secret "${name}": back it up, nothing can be opened without it`,
      },
    ]
  } catch (error) {
    if (isConflict(error)) return []
    throw error
  } finally {
    key.fill(0)
  }
}

async function issue(
  kube: Kube,
  observed: Observed,
  { purpose, why }: Extract<Step, { kind: 'issue' }>,
): Promise<Deed[]> {
  const name = secretNameOf(purpose, observed.cluster.metadata.name)
  const secret = tlsSecret(observed, name, await issuedData(purpose, observed))
  const isAuthority = purpose === 'client-authority' || purpose === 'server-authority'
  // An authority that exists is never overwritten.
  if (isAuthority) await kube.create(secrets, secret)
  else await kube.apply(secrets, secret, fieldManager.strongrooms)
  return [
    {
      reason: 'CertificateIssued',
      note: `Issued the ${purpose} certificate into Secret "${name}" (${why})`,
    },
  ]
}

function tlsSecret(
  observed: Observed,
  name: string,
  data: Readonly<Record<string, string>>,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata(observed, name),
    type: 'kubernetes.io/tls',
    data,
  } as KubeObject
}

/** Without owner: keys and trust outlive the resource. */
function metadata({ cluster }: Observed, name: string): KubeObject['metadata'] {
  const { namespace, name: owner } = cluster.metadata
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: clusterLabels(owner, 'trust'),
  }
}

async function setFinalizer(kube: Kube, { cluster }: Observed, wanted: boolean): Promise<void> {
  const { name, namespace = '', finalizers = [], resourceVersion } = cluster.metadata
  const others = finalizers.filter((one) => one !== finalizer)
  await kube.patch(
    strongrooms,
    { name, namespace },
    { metadata: { resourceVersion, finalizers: wanted ? [...others, finalizer] : others } },
  )
}
