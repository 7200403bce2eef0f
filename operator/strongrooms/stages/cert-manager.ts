/**
 * The public certificate where an issuer of cert-manager signs it: a Certificate of ours is kept there, and what it gives is taken
 * over once cert-manager says Ready and every check of a certificate that may be served holds. Until then, and for as long as
 * cert-manager cannot, the certificate of before stays served and the condition says why.
 */
import { certManagerIssuer } from '#operator/api/common.ts'
import { names } from '#operator/api/names.ts'
import type { StrongroomStatus } from '#operator/api/strongroom.ts'
import type { CertManagerIssuerRef } from '#operator/cert-manager/certificate.ts'
import { serverCertificate } from '#operator/cert-manager/desired.ts'
import { hindrance } from '#operator/cert-manager/progress.ts'
import type { Child } from '#operator/kube/apply.ts'
import { certManagerCertificates, secrets as secretKind } from '#operator/kube/kinds.ts'
import { isOwn } from '#operator/kube/ownership.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { tlsMaterial } from '#operator/kube/tls-secret.ts'
import { renewAt } from '#shared/pki/renewal.ts'
import type { Observed } from '../observe.ts'
import type { Step } from '../stage.ts'
import { type Leaf, takenOver } from './taken-over.ts'

export function certManagerLeaf(
  observed: Observed,
  wanted: { readonly issuerRef: CertManagerIssuerRef; readonly dnsNames: readonly string[] },
): Leaf {
  const { cluster, certManager } = observed
  const object = serverCertificate(cluster, wanted)
  const desired = [{ kind: certManagerCertificates, object }]
  const asked: Step = { kind: 'apply', desired, found: certificateOf(observed) }
  const steps = certManager.isPresent === true ? [asked] : []
  const open = hindrance(certManager)
  if (open !== undefined) return { steps, trouble: open }
  const name = object.spec.secretName
  const taken = takenOver(observed, { name, secret: secretOf(observed) })
  return { ...taken, steps: [...steps, ...taken.steps] }
}

/** What status says of it, once it is the one that pods mount: issuer, life, and how many there were. */
export function givenByCertManager({
  cluster,
  secrets,
  certManager: { certificate },
}: Observed): StrongroomStatus['publicCertificate'] {
  const issuer = certManagerIssuer(cluster.spec.tls?.server.issuerRef)
  if (issuer === undefined) return undefined
  const mounted = tlsMaterial(secrets.get(names.serverTls(cluster.metadata.name)), '')
  const given = tlsMaterial(secrets.get(names.certManagerTls(cluster.metadata.name)), '')
  if (mounted.kind === 'unusable' || given.kind === 'unusable') return undefined
  const { sha256, notAfter } = mounted.certificate
  if (given.certificate.sha256 !== sha256) return cluster.status?.publicCertificate
  const before = cluster.status?.publicCertificate
  const renewal = Date.parse(certificate?.status?.renewalTime ?? '')
  return {
    issuer: `${issuer.kind}/${issuer.name}`,
    sha256,
    notAfter: new Date(notAfter).toISOString(),
    renewAt: new Date(renewal || renewAt(mounted.certificate)).toISOString(),
    revision: (before?.revision ?? 0) + (before?.sha256 === sha256 ? 0 : 1),
  }
}

/** Where another source is declared: what was asked of cert-manager for this cluster goes, the Certificate before its Secret. */
export function withoutCertManager(observed: Observed): readonly Step[] {
  const secret = secretOf(observed)
  const found: readonly Child[] = [
    ...certificateOf(observed),
    ...(secret === undefined ? [] : [{ kind: secretKind, object: secret }]),
  ]
  return found.length === 0 ? [] : [{ kind: 'apply', desired: [], found }]
}

function certificateOf({ certManager: { certificate } }: Observed): readonly Child[] {
  return certificate === undefined ? [] : [{ kind: certManagerCertificates, object: certificate }]
}

function secretOf({ cluster, secrets }: Observed): Secret | undefined {
  const secret = secrets.get(names.certManagerTls(cluster.metadata.name))
  return isOwn(secret, cluster) ? secret : undefined
}
