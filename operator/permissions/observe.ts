/** Everything that the decision about one StrongroomPermission needs. */

import { certificateOf, declaredFor } from '#operator/access/subjects.ts'
import type { Admin, CertificateState } from '#operator/admin/admin.ts'
import { askServer, type ObserveMeans, recordsAndStore } from '#operator/admin/ask.ts'
import { type StrongroomCertificate, strongroomCertificates } from '#operator/api/certificate.ts'
import { type StrongroomPermission, strongroomPermissions } from '#operator/api/permission.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { refOfKey } from '#operator/kube/key.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { isNamespaceEnding } from '#operator/kube/namespace.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { secretRefusal } from '#operator/kube/user-secrets.ts'
import { type Certificate, readCertificates } from '#shared/pki/certificate.ts'

/** Whose rights they are, as far as it is known. */
export type Subject =
  /** A StrongroomCertificate, named itself or by the Secret that it writes: its own controller writes the record, with these rights. */
  | { readonly kind: 'certificate'; readonly resource: StrongroomCertificate | undefined }
  /** A certificate in a Secret: registered by us. */
  | {
      readonly kind: 'secret'
      readonly certificate: Certificate | undefined
      readonly trouble: string | undefined
    }
  /** A certificate that somebody registered on the server. */
  | { readonly kind: 'registered' }

export interface Observed {
  readonly nowMs: number
  readonly resource: StrongroomPermission
  readonly cluster: Strongroom | undefined
  readonly subject: Subject
  /** All of the cluster, this one among them. */
  readonly permissions: readonly StrongroomPermission[]
  /** All of the cluster: their records are theirs. */
  readonly certificates: readonly StrongroomCertificate[]
  readonly records: readonly CertificateState[] | undefined
  /** Of the store that these records are in. */
  readonly storeId: string | undefined
  readonly storeCommit: number | undefined
  readonly unreachable: string | undefined
  readonly admin: Admin | undefined
  readonly isNamespaceEnding: boolean
}

/** Nothing where the resource is gone. */
export async function observe(key: string, means: ObserveMeans): Promise<Observed | undefined> {
  const { name, namespace } = refOfKey(key)
  const { cache, kube, clock } = means
  const resource = cache.get<StrongroomPermission>(strongroomPermissions, { name, namespace })
  if (resource === undefined) return undefined
  const clusterRef = { name: resource.spec.clusterRef.name, namespace }
  const { admin, answer, unreachable } = await askServer(means, clusterRef, recordsAndStore)
  const declared = declaredFor(clusterRef.name, {
    permissions: cache.list<StrongroomPermission>(strongroomPermissions, namespace),
    certificates: cache.list<StrongroomCertificate>(strongroomCertificates, namespace),
  })
  return {
    nowMs: clock.now(),
    resource,
    cluster: cache.get<Strongroom>(strongrooms, clusterRef),
    subject: await subjectOf(resource, means),
    ...declared,
    admin,
    records: answer?.records,
    storeId: answer?.storeId,
    storeCommit: answer?.storeCommit,
    unreachable,
    isNamespaceEnding: await isNamespaceEnding(kube, resource),
  }
}

async function subjectOf(
  resource: StrongroomPermission,
  { cache, kube, secretOptIn }: ObserveMeans,
): Promise<Subject> {
  const { spec, metadata } = resource
  const { certificateRef, secretRef } = spec.subject
  const namespace = metadata.namespace ?? ''
  const certificates = cache.list<StrongroomCertificate>(strongroomCertificates, namespace)
  const certificate = certificateOf({ spec }, certificates)
  if (certificateRef !== undefined || certificate !== undefined)
    return { kind: 'certificate', resource: certificate }
  if (secretRef === undefined) return { kind: 'registered' }
  const secret = await kube.get<Secret>(secrets, { name: secretRef.name, namespace })
  const trouble = secretRefusal(secret, resource, { secretOptIn, isPublic: true })
  return trouble === undefined
    ? certificateIn(secret, secretRef.name)
    : { kind: 'secret', certificate: undefined, trouble }
}

function certificateIn(secret: Secret | undefined, name: string): Subject {
  const pem = secretText(secret, 'tls.crt')
  if (pem === '')
    return {
      kind: 'secret',
      certificate: undefined,
      trouble: `Secret "${name}" does not exist or lacks tls.crt`,
    }
  try {
    return {
      kind: 'secret',
      certificate: readCertificates(Buffer.from(pem))[0],
      trouble: undefined,
    }
  } catch (error) {
    return {
      kind: 'secret',
      certificate: undefined,
      trouble: `tls.crt of Secret "${name}" cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}
