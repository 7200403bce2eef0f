/** The StatefulSet of the servers: hardened as Pod Security "restricted" asks, without an API token, read-only but for its volume. */
import { httpsPort, names, operatorCertificateKey } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { clusterLabels, label, ownedBy } from '#operator/kube/labels.ts'
import { isSameQuantity } from '#operator/kube/quantity.ts'

/** Where the pods find things. */
export const mounts = {
  data: '/data',
  temporary: '/tmp',
  internalTls: '/etc/strongroom/internal-tls',
  serverTls: '/etc/strongroom/server-tls',
  masterKey: '/etc/strongroom/master-key',
  admins: '/etc/strongroom/admins',
} as const

/** Numeric, as in the image. */
const userId = 65532

/** Size and storage class of the volumes. */
export interface ClaimShape {
  readonly size: string
  readonly className: string | undefined
}

/** `present`: the claim that it was made with, which cannot be changed any more. */
export function statefulSet(
  cluster: Strongroom,
  image: string,
  present?: ClaimShape,
): KubeObject & { readonly spec: unknown } {
  const { name, namespace } = cluster.metadata
  const labels = clusterLabels(name, 'server')
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: names.statefulSet(name),
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ownerReferences: [ownedBy(cluster)],
    },
    spec: {
      replicas: cluster.spec.members,
      serviceName: names.headlessService(name),
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: { [label.cluster]: name, [label.component]: 'server' } },
      // The volumes stay whatever happens to the StatefulSet: the deletion policy is ours to carry out.
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      template: { metadata: { labels }, spec: podSpec(cluster, image) },
      volumeClaimTemplates: [dataClaim(cluster, present)],
    },
  }
}

function podSpec(cluster: Strongroom, image: string): Record<string, unknown> {
  const { name } = cluster.metadata
  const pod = cluster.spec.pod ?? {}
  return {
    serviceAccountName: names.serviceAccount(name),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 60,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      fsGroup: userId,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container(cluster, image)],
    volumes: volumes(cluster),
    ...(pod.nodeSelector === undefined ? {} : { nodeSelector: pod.nodeSelector }),
    ...(pod.tolerations === undefined ? {} : { tolerations: pod.tolerations }),
    ...(pod.priorityClassName === undefined ? {} : { priorityClassName: pod.priorityClassName }),
  }
}

function container(cluster: Strongroom, image: string): Record<string, unknown> {
  return {
    name: 'server',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: serverArguments(cluster),
    ports: [{ name: 'https', containerPort: httpsPort, protocol: 'TCP' }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(cluster.spec.pod?.resources === undefined ? {} : { resources: cluster.spec.pod.resources }),
    // A start may walk a large file; a running server is taken for dead only after two minutes without an answer.
    startupProbe: probe('/health/live', {
      periodSeconds: 2,
      timeoutSeconds: 5,
      failureThreshold: 900,
    }),
    livenessProbe: probe('/health/live', {
      periodSeconds: 20,
      timeoutSeconds: 20,
      failureThreshold: 6,
    }),
    readinessProbe: probe('/health/ready', {
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 3,
    }),
    volumeMounts: [
      { name: 'data', mountPath: mounts.data },
      { name: 'temporary', mountPath: mounts.temporary },
      { name: 'internal-tls', mountPath: mounts.internalTls, readOnly: true },
      { name: 'server-tls', mountPath: mounts.serverTls, readOnly: true },
      { name: 'master-key', mountPath: mounts.masterKey, readOnly: true },
      { name: 'admins', mountPath: mounts.admins, readOnly: true },
    ],
  }
}

function probe(path: string, times: Readonly<Record<string, number>>): Record<string, unknown> {
  return { httpGet: { path, port: 'https', scheme: 'HTTPS' }, ...times }
}

/** Configuration of the server, all of it on the command line: nothing of it is secret. */
export function serverArguments(cluster: Strongroom): string[] {
  const { exposure, encryption } = cluster.spec
  return [
    'server',
    `--DataDir=${mounts.data}`,
    `--ServerUrl=https://0.0.0.0:${httpsPort}`,
    `--Security.Certificate.Internal.Path=${mounts.internalTls}`,
    `--Security.Certificate.Path=${mounts.serverTls}`,
    `--Security.MasterKey.Path=${mounts.masterKey}`,
    `--Security.WellKnownCertificates.Admin.Path=${mounts.admins}`,
    ...(exposure === undefined ? [] : [`--PublicServerUrl=https://${exposure.host}:${httpsPort}`]),
    ...(encryption?.required === true ? ['--Security.Encryption.Required=true'] : []),
  ]
}

function volumes(cluster: Strongroom): unknown[] {
  const { name } = cluster.metadata
  const masterKey = cluster.spec.encryption?.masterKey?.secretRef.name ?? names.masterKey(name)
  return [
    { name: 'temporary', emptyDir: { sizeLimit: '256Mi' } },
    { name: 'internal-tls', secret: { secretName: names.internalTls(name), defaultMode: 0o400 } },
    // Optional: a first order needs a running server to answer from.
    {
      name: 'server-tls',
      secret: { secretName: names.serverTls(name), defaultMode: 0o400, optional: true },
    },
    { name: 'master-key', secret: { secretName: masterKey, defaultMode: 0o400 } },
    // Every file in this folder is an administrator: what else somebody may write into the Secret is not mounted.
    {
      name: 'admins',
      secret: {
        secretName: names.admins(name),
        defaultMode: 0o400,
        items: [{ key: operatorCertificateKey, path: operatorCertificateKey }],
      },
    },
  ]
}

function dataClaim(cluster: Strongroom, present: ClaimShape | undefined): unknown {
  const wanted = cluster.spec.storage
  const className = present === undefined ? wanted.className : present.className
  const isSameSize = present === undefined || isSameQuantity(present.size, wanted.size)
  const size = isSameSize ? wanted.size : present.size
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', labels: clusterLabels(cluster.metadata.name, 'server') },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      ...(className === undefined ? {} : { storageClassName: className }),
    },
  }
}
