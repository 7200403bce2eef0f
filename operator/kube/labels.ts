/** Every label, annotation, finalizer and field manager that the operator uses, in one place. */
import type { KubeObject, OwnerReference } from './kube.ts'

/** Of every label and annotation that means something to the operator. */
export const prefix = 'strongroom.dev'

/** Value of `label.managedBy` on everything that the operator makes. */
export const managedBy = 'strongroom-operator'

export const label = {
  /** Name of the Strongroom that an object belongs to. */
  cluster: `${prefix}/cluster`,
  /** What an object is for, e.g. `server`, `client-certificate`. */
  component: 'app.kubernetes.io/component',
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  /** `allowed` on a Secret: resources of our kinds may name it, where the operator demands that they are let. */
  use: `${prefix}/use`,
} as const

export const annotation = {
  /** Set on a pod when a mounted Secret changed: kubelet then looks at once and not at its next round. */
  nudge: `${prefix}/mounted`,
  /** An administrator's word that a lost store may be taken as it is: the store id that is accepted. */
  acceptDataLoss: `${prefix}/accept-data-loss`,
  /** An administrator's word that a lost authority of a cluster may be replaced: SHA-256 of the lost one (64 hex digits). */
  acceptNewAuthority: `${prefix}/accept-new-authority`,
  /** `true`: what was on the server before, a database or the rights of a certificate, is taken over. */
  adopt: `${prefix}/adopt`,
  /** Thumbprints of the certificates on the server that a resource gave rights to, with spaces between them. */
  registered: `${prefix}/registered`,
  /**
   * An administrator's word that a certificate is to be renewed, or a failed order tried again at once: any new value, e.g. the time (RFC 3339).
   */
  renew: `${prefix}/renew`,
  /**
   * An administrator's word that a certificate is to be revoked and replaced: its SHA-256 (64 hex digits), and after a space the
   * reason (RFC 5280 section 5.3.1), e.g. `keyCompromise`; none: `unspecified`. Another certificate than that one is left alone.
   */
  revoke: `${prefix}/revoke`,
  /**
   * An administrator's word that the key of an issuer's account at its CA is to be replaced: any new value, e.g. the date. Once it is
   * done the value stands in `status.account.rolledOver`.
   */
  rollOverAccountKey: `${prefix}/roll-over-account-key`,
  /** On the Secret of a public certificate: kind and name of the issuer that gave it, e.g. `StrongroomIssuer letsencrypt`. */
  issuer: `${prefix}/issuer`,
  /** The certificate in a Secret: SHA-256 (64 hex digits), its last moment (RFC 3339), and how often one was issued there. */
  sha256: `${prefix}/sha256`,
  notAfter: `${prefix}/not-after`,
  revision: `${prefix}/revision`,
  /** The value of `renew` that the certificate in a Secret answered. */
  renewed: `${prefix}/renewed`,
  /** SHA-256 of the certificate in a Secret that its CA revoked on demand. */
  revoked: `${prefix}/revoked`,
  /** Kind and name of the resource that made an object, e.g. `Strongroom/vault`. */
  source: `${prefix}/source`,
  /** UID of that resource: beside `source` on objects that outlive it and so carry no owner reference. */
  ownerUid: `${prefix}/owner-uid`,
  /** On the Secret that keeps the trusted authorities: UID of the ConfigMap that shows them to programs. */
  published: `${prefix}/published`,
  /** SHA-256 of what an object was computed from, to see when it must be made anew. */
  inputs: `${prefix}/inputs`,
} as const

export const finalizer = `${prefix}/cleanup`

/** Field managers: one for each controller. */
export const fieldManager = {
  strongrooms: `${prefix}/strongrooms`,
  databases: `${prefix}/databases`,
  certificates: `${prefix}/certificates`,
  permissions: `${prefix}/permissions`,
  issuers: `${prefix}/issuers`,
} as const

/** Labels of everything that belongs to a cluster. */
export function clusterLabels(cluster: string, component: string): Record<string, string> {
  return {
    [label.name]: 'strongroom',
    [label.instance]: cluster,
    [label.component]: component,
    [label.managedBy]: managedBy,
    [label.partOf]: 'strongroom',
    [label.cluster]: cluster,
  }
}

/** The controller reference by which an object goes with its owner. */
export function ownedBy({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}
