/**
 * The Certificates that we ask cert-manager for. What it issues lies in a Secret that bears our labels, so that it is seen without
 * a watch of its own, and from which we take it over after our own checks: what pods mount and programs use is written by us.
 */
import type { StrongroomCertificate } from '#operator/api/certificate.ts'
import { names } from '#operator/api/names.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { certManagerCertificates } from '#operator/kube/kinds.ts'
import type { KubeObject } from '#operator/kube/kube.ts'
import { annotation, clusterLabels, ownedBy } from '#operator/kube/labels.ts'
import { sourceOf } from '#operator/kube/marks.ts'
import type { CertManagerCertificate, CertManagerIssuerRef } from './certificate.ts'

/** The public certificate of a Strongroom: for servers only, with a new key each time. */
export function serverCertificate(
  cluster: Strongroom,
  {
    issuerRef,
    dnsNames,
  }: { readonly issuerRef: CertManagerIssuerRef; readonly dnsNames: readonly string[] },
): CertManagerCertificate {
  const { name } = cluster.metadata
  return shape(cluster, {
    name: names.certManagerTls(name),
    labels: clusterLabels(name, 'public-certificate'),
    // No common name: it is not looked at any more, and ends at 64 characters.
    given: { dnsNames, usages: ['digital signature', 'server auth'], issuerRef },
    key: ecdsa,
  })
}

/** A client certificate: like ours RSA in PKCS#1 unless the resource says ECDSA, for clients only. */
export function clientCertificate(
  resource: StrongroomCertificate,
  issuerRef: CertManagerIssuerRef,
): CertManagerCertificate {
  const { commonName, clusterRef, duration, privateKey } = resource.spec
  return shape(resource, {
    name: names.certManagerClient(resource.metadata.name),
    labels: clusterLabels(clusterRef.name, 'client-certificate'),
    given: {
      commonName,
      ...(duration === undefined ? {} : { duration }),
      usages: ['digital signature', 'client auth'],
      issuerRef,
    },
    key: privateKey?.algorithm === 'ECDSA' ? ecdsa : rsa,
  })
}

type Spec = CertManagerCertificate['spec']

const ecdsa = { algorithm: 'ECDSA', encoding: 'PKCS8', size: 256 } as const
const rsa = { algorithm: 'RSA', encoding: 'PKCS1', size: 3072 } as const

interface Parts {
  /** Of the Certificate and of its Secret. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly given: Pick<Spec, 'commonName' | 'dnsNames' | 'duration' | 'usages' | 'issuerRef'>
  readonly key: typeof ecdsa | typeof rsa
}

function shape(owner: KubeObject, { name, labels, given, key }: Parts): CertManagerCertificate {
  const { namespace } = owner.metadata
  const annotations = { [annotation.source]: sourceOf(owner) }
  return {
    apiVersion: certManagerCertificates.apiVersion,
    kind: certManagerCertificates.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations,
      ownerReferences: [ownedBy(owner)],
    },
    spec: {
      secretName: name,
      secretTemplate: { labels, annotations },
      ...given,
      privateKey: { ...key, rotationPolicy: 'Always' },
      revisionHistoryLimit: 1,
    },
  }
}
