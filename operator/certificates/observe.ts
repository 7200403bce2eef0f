/** Everything that the decision about one StrongroomCertificate needs. */

import { declaredFor } from '#operator/access/subjects.ts'
import type { Admin, CertificateState } from '#operator/admin/admin.ts'
import { askServer, type ObserveMeans, recordsAndStore } from '#operator/admin/ask.ts'
import { type ClusterRef, trustedBundle } from '#operator/admin/endpoint.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { names } from '#operator/api/names.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import type { CertManagerSeen } from '#operator/cert-manager/progress.ts'
import { certManagerSeen } from '#operator/cert-manager/seen.ts'
import type { Authority } from '#operator/issuers/sign.ts'
import { refOfKey } from '#operator/kube/key.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { isNamespaceEnding } from '#operator/kube/namespace.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { type TlsMaterial, tlsMaterial } from '#operator/kube/tls-secret.ts'
import { UserSecrets } from '#operator/kube/user-secrets.ts'
import { passwordFrom } from '#shared/password.ts'
import { arrivedMaterial, issuerOf } from './arrival.ts'
import { reservedBy } from './reserved.ts'
import { signerFor } from './signer.ts'

export interface Observed {
  readonly nowMs: number
  readonly resource: StrongroomCertificate
  readonly cluster: Strongroom | undefined
  /** What signs, unless cert-manager does. */
  readonly authority: Authority
  /** The Secret of a user's that it is in; nothing where the cluster's own signs. */
  readonly signingSecret: string | undefined
  /** The Secret that programs use. */
  readonly target: Secret | undefined
  readonly current: TlsMaterial
  /** The next key with its certificate, until both are in use. */
  readonly staged: Secret | undefined
  /** What is staged, or what arrived from cert-manager and may be used. */
  readonly next: TlsMaterial
  /** What cert-manager has for this certificate; of no interest unless the resource names an issuer of it, or did. */
  readonly certManager: CertManagerSeen
  /** The Secret that cert-manager fills for it. */
  readonly issued: Secret | undefined
  /** What verifies the server. */
  readonly trust: string | undefined
  /** Why a Secret that the resource names may not be used. */
  readonly secretRefused: string | undefined
  /** Another resource whose own Secret bears the name of `spec.secretName`. */
  readonly secretReservedBy: string | undefined
  /** Of `keystore.p12`; empty where none is asked for, nothing where the named Secret lacks it. */
  readonly password: string | undefined
  /** All of the cluster: those about the same certificate decide together. */
  readonly permissions: readonly StrongroomPermission[]
  /** All of the cluster, this one among them. */
  readonly certificates: readonly StrongroomCertificate[]
  /** Records on the server; nothing where no member could be asked. */
  readonly records: readonly CertificateState[] | undefined
  /** Of the store that these records are in. */
  readonly storeId: string | undefined
  readonly storeCommit: number | undefined
  readonly unreachable: string | undefined
  readonly admin: Admin | undefined
  /** Other resources that write the same Secret. */
  readonly rivals: readonly StrongroomCertificate[]
  readonly isNamespaceEnding: boolean
}

/** Nothing where the resource is gone. */
export async function observe(key: string, means: ObserveMeans): Promise<Observed | undefined> {
  const { name, namespace } = refOfKey(key)
  const { cache, kube, clock } = means
  const resource = cache.get<StrongroomCertificate>(strongroomCertificates, { name, namespace })
  if (resource === undefined) return undefined
  const { clusterRef, secretName } = resource.spec
  const secret = (which: string): Promise<Secret | undefined> =>
    kube.get<Secret>(secrets, { name: which, namespace })
  const users = new UserSecrets(means, resource)
  const [target, staged] = await Promise.all([secret(secretName), secret(names.nextKey(name))])
  const siblings = cache.list<StrongroomCertificate>(strongroomCertificates, namespace)
  const issuedName = names.certManagerClient(name)
  const issued = cache.get<Secret>(secrets, { name: issuedName, namespace })
  const seen = {
    nowMs: clock.now(),
    resource,
    cluster: cache.get<Strongroom>(strongrooms, { name: clusterRef.name, namespace }),
    ...(await signerFor(resource, { cache, nowMs: clock.now() }, (owner, which) =>
      new UserSecrets(means, owner).read(which),
    )),
    target,
    current: tlsMaterial(target, secretName),
    staged,
    certManager: certManagerSeen(cache, resource, issuedName),
    issued: isOwn(issued, resource) ? issued : undefined,
    trust: trustedBundle(cache, { name: clusterRef.name, namespace }),
    password: await passwordOf(resource, (which) => users.read(which)),
    secretRefused: users.refusal,
    secretReservedBy: reservedBy(cache, resource),
    ...declaredFor(clusterRef.name, {
      permissions: cache.list<StrongroomPermission>(strongroomPermissions, namespace),
      certificates: siblings,
    }),
    ...(await recordsOn(means, { name: clusterRef.name, namespace })),
    rivals: siblings.filter(
      (other) => other.metadata.name !== name && other.spec.secretName === secretName,
    ),
    isNamespaceEnding: await isNamespaceEnding(kube, resource),
  }
  const isStagedByUs = issuerOf(seen) === undefined
  const next = isStagedByUs ? tlsMaterial(staged, names.nextKey(name)) : arrivedMaterial(seen)
  return { ...seen, next }
}

async function recordsOn(
  means: ObserveMeans,
  cluster: ClusterRef,
): Promise<Pick<Observed, 'admin' | 'records' | 'storeId' | 'storeCommit' | 'unreachable'>> {
  const { admin, answer, unreachable } = await askServer(means, cluster, recordsAndStore)
  const { records, storeId, storeCommit } = answer ?? {}
  return { admin, records, storeId, storeCommit, unreachable }
}

async function passwordOf(
  { spec }: StrongroomCertificate,
  secret: (name: string) => Promise<Secret | undefined>,
): Promise<string | undefined> {
  const reference = spec.keystore?.passwordSecretRef
  if (reference === undefined) return ''
  // An empty one protects nothing, and somebody asked for protection.
  return passwordFrom(secretText(await secret(reference.name), reference.key)) || undefined
}
