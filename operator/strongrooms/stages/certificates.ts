/**
 * Stage: the certificates. Authorities are made once; leaves are renewed at two thirds of their life; the user's Secret is
 * taken over only after every check. Where it fails a check, the old certificate stays served and the condition says why.
 */
import { createHash } from 'node:crypto'
import { certManagerIssuer } from '#operator/api/common.ts'
import { bundleKey, internalNames, names, operatorCertificateKey } from '#operator/api/names.ts'
import { ownIssuer } from '#operator/api/own-issuer.ts'
import type { Strongroom } from '#operator/api/strongroom.ts'
import { isWhole } from '#operator/kube/apply.ts'
import { isFalse, isTrue } from '#operator/kube/conditions.ts'
import { annotation } from '#operator/kube/labels.ts'
import { type Secret, secretData, secretText } from '#operator/kube/secret.ts'
import { type TlsMaterial, tlsMaterial } from '#operator/kube/tls-secret.ts'
import { type Certificate, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { renewAt, renewalReason } from '#shared/pki/renewal.ts'
import type { Observed } from '../observe.ts'
import { publicNames } from '../public-names.ts'
import type { Purpose, StageResult, Step } from '../stage.ts'
import { certManagerLeaf, givenByCertManager, withoutCertManager } from './cert-manager.ts'
import { issuedLeaf } from './issued.ts'
import { type Leaf, takenOver } from './taken-over.ts'

const type = 'CertificatesReady'

export function certificatesStage(observed: Observed): StageResult {
  const { cluster } = observed
  const { name } = cluster.metadata
  const client = authorityIn(observed, 'client-authority')
  const server = authorityIn(observed, 'server-authority')
  if (client === undefined || server === undefined)
    return authorities(observed, [
      ...(client === undefined ? ['client-authority' as const] : []),
      ...(server === undefined ? ['server-authority' as const] : []),
    ])
  const leaves = [
    leaf(observed, 'operator', { authority: client, covered: [] }),
    leaf(observed, 'internal', {
      authority: server,
      covered: internalNames(name, cluster.metadata.namespace ?? ''),
    }),
    publicLeaf(observed, server),
  ]
  const steps: Step[] = [...leaves.flatMap(({ steps }) => steps), ...bundles(observed, server)]
  const trouble = leaves.find(({ trouble: found }) => found !== undefined)?.trouble
  const times = leaves.flatMap(({ againAtMs }) => againAtMs ?? [])
  const publicCertificate = givenByCertManager(observed)
  return {
    steps,
    status: {
      authorities: { client: sha256Of(client.pem), server: sha256Of(server.pem) },
      ...(publicCertificate === undefined ? {} : { publicCertificate }),
    },
    findings: [
      trouble === undefined
        ? isTrue(
            type,
            'Issued',
            'Every certificate is there and has more than a third of its life left',
          )
        : isFalse(type, trouble.reason, trouble.message),
    ],
    ...(times.length === 0 ? {} : { againAtMs: Math.min(...times) }),
  }
}

/** Names of the Secrets by purpose. */
export function secretNameOf(purpose: Purpose, cluster: string): string {
  switch (purpose) {
    case 'client-authority':
      return names.clientAuthority(cluster)
    case 'server-authority':
      return names.serverAuthority(cluster)
    case 'operator':
      return names.operatorCertificate(cluster)
    case 'internal':
      return names.internalTls(cluster)
    case 'public':
      return names.serverTls(cluster)
    default:
      return purpose satisfies never
  }
}

function authorities({ cluster, secrets }: Observed, missing: readonly Purpose[]): StageResult {
  const damaged = missing
    .map((purpose) => secretNameOf(purpose, cluster.metadata.name))
    .find((name) => secrets.has(name))
  if (damaged !== undefined) {
    const message = `Secret "${damaged}" no longer holds a usable authority: restore it, or delete it and accept a new one as the condition then says`
    return {
      steps: [],
      findings: [isFalse(type, 'AuthorityDamaged', message)],
      halt: { kind: 'stalled', reason: 'AuthorityDamaged', message },
    }
  }
  const lost = missing.find((purpose) => isLost(cluster, purpose))
  if (lost !== undefined) return lostAuthority(cluster, lost)
  const message = "The cluster's authorities are being made"
  return {
    steps: missing.map((purpose) => ({ kind: 'issue', purpose, why: 'Missing' })),
    findings: [isFalse(type, 'MakingAuthorities', message)],
    halt: { kind: 'working', reason: 'MakingAuthorities', message },
  }
}

type AuthorityPurpose = Extract<Purpose, 'client-authority' | 'server-authority'>

function recordedOf({ status }: Strongroom, purpose: Purpose): string | undefined {
  const { client, server } = status?.authorities ?? {}
  return purpose === 'client-authority' ? client : server
}

/** It was there, and nobody has said that another one may take its place. */
function isLost(cluster: Strongroom, purpose: Purpose): boolean {
  const recorded = recordedOf(cluster, purpose)
  const accepted = cluster.metadata.annotations?.[annotation.acceptNewAuthority]
  return recorded !== undefined && recorded !== accepted
}

/** What each authority signs, and so what a new one makes invalid. */
const signedBy: Readonly<Record<AuthorityPurpose, string>> = {
  'client-authority':
    'the operator is let in by the next certificate only once every member has read it, and each StrongroomCertificate is issued anew',
  'server-authority':
    'programs that verify members by a copy of the old bundle need the new one of the trust ConfigMap',
}

function lostAuthority(cluster: Strongroom, purpose: Purpose): StageResult {
  const { name } = cluster.metadata
  const message =
    `Secret "${secretNameOf(purpose, name)}" is gone: what is served stays as it is, and nothing new is signed. Restore it from a backup. ` +
    `If it is lost, have a new one made (${signedBy[purpose as AuthorityPurpose]}) with ` +
    `kubectl annotate --overwrite strongroom ${name} ${annotation.acceptNewAuthority}=${recordedOf(cluster, purpose)}`
  return {
    steps: [],
    findings: [isFalse(type, 'AuthorityMissing', message)],
    halt: { kind: 'stalled', reason: 'AuthorityMissing', message },
  }
}

function sha256Of(pem: string): string {
  const der = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----/g, ''), 'base64')
  return createHash('sha256').update(der).digest('hex')
}

/** An authority that can sign. */
interface Authority {
  readonly secret: Secret
  readonly pem: string
  /** Read when it is asked for: mostly nobody needs it. */
  readonly certificate: () => Certificate
}

function authorityIn(
  { cluster, secrets, verdicts }: Observed,
  purpose: Purpose,
): Authority | undefined {
  const name = secretNameOf(purpose, cluster.metadata.name)
  const secret = secrets.get(name)
  const known = verdicts.authority(secret)
  if (secret !== undefined && known !== undefined)
    return { secret, pem: known, certificate: () => usable(tlsMaterial(secret, name)) }
  const found = tlsMaterial(secret, name)
  if (secret === undefined || found.kind === 'unusable') return undefined
  const pem = certificatePem(found.certificate)
  verdicts.noteAuthority(secret, pem)
  return { secret, pem, certificate: () => found.certificate }
}

function usable(found: TlsMaterial): Certificate {
  if (found.kind === 'unusable') throw new TypeError(found.message)
  return found.certificate
}

function leaf(
  { nowMs, cluster, secrets, verdicts }: Observed,
  purpose: Purpose,
  { authority, covered }: { readonly authority: Authority; readonly covered: readonly string[] },
): Leaf {
  const name = secretNameOf(purpose, cluster.metadata.name)
  const secret = secrets.get(name)
  const standard = { authority: authority.secret, names: covered }
  const known = verdicts.leaf(secret, standard)
  if (known !== undefined && nowMs < known) return { steps: [], againAtMs: known }
  const found = tlsMaterial(secret, name)
  const certificate = found.kind === 'usable' ? found.certificate : undefined
  const reason = renewalReason({
    certificate,
    nowMs,
    names: covered,
    isIssuedByUs: (candidate) => verifyIssuedBy(candidate, authority.certificate()),
  })
  if (reason !== undefined) return { steps: [{ kind: 'issue', purpose, why: reason }] }
  if (secret === undefined || certificate === undefined) return { steps: [] }
  const renewAtMs = renewAt(certificate)
  verdicts.noteLeaf(secret, { ...standard, renewAtMs })
  return { steps: [], againAtMs: renewAtMs }
}

function publicLeaf(observed: Observed, authority: Authority): Leaf {
  const { cluster } = observed
  const issuer = certManagerIssuer(cluster.spec.tls?.server.issuerRef)
  if (issuer !== undefined)
    return certManagerLeaf(observed, { issuerRef: issuer, dnsNames: publicNames(cluster) })
  const given = otherLeaf(observed, authority)
  return { ...given, steps: [...given.steps, ...withoutCertManager(observed)] }
}

function otherLeaf(observed: Observed, authority: Authority): Leaf {
  const { cluster, userTls } = observed
  // What is ordered comes after the plan: nothing here waits for it.
  if (ownIssuer(cluster) !== undefined) return issuedLeaf(observed)
  const { secretRef } = cluster.spec.tls?.server ?? {}
  return secretRef === undefined
    ? leaf(observed, 'public', { authority, covered: publicNames(cluster) })
    : takenOver(observed, { secret: userTls, name: secretRef.name })
}

/**
 * The public parts: who verifies members, and who is their administrator. Both lie in Secrets, which fewer people may change than
 * ConfigMaps; a ConfigMap shows the first to programs, and nothing is read from it.
 */
function bundles(observed: Observed, serverAuthority: Authority): Step[] {
  const { cluster, configMaps, secrets } = observed
  const { name } = cluster.metadata
  const [trustName, adminsName] = [names.trust(name), names.admins(name)]
  const before = secrets.get(trustName)
  const trusted = withEarlier(secretText(before, bundleKey), serverAuthority.pem)
  const shown = configMaps.get(trustName)
  const knownUid = shown?.metadata.uid ?? before?.metadata.annotations?.[annotation.published]
  const operator = secretText(secrets.get(names.operatorCertificate(name)), 'tls.crt')
  const kept: readonly KeepStep[] = [
    keepStep(trustName, { [bundleKey]: trusted }, knownUid),
    ...(operator === '' ? [] : [keepStep(adminsName, { [operatorCertificateKey]: operator })]),
  ]
  const data = { [bundleKey]: trusted }
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: trustName }, data }
  return [
    ...kept.filter((step) => !isWhole(secrets.get(step.name), secretOf(step))),
    ...(isWhole(shown, map) ? [] : [{ kind: 'publish', name: trustName, data, knownUid } as const]),
  ]
}

type KeepStep = Extract<Step, { kind: 'keep' }>

function keepStep(name: string, data: Record<string, string>, published?: string): KeepStep {
  const notes = published === undefined ? {} : { [annotation.published]: published }
  return { kind: 'keep', name, data, notes }
}

function secretOf({ name, data, notes }: KeepStep): Secret {
  const metadata = { name, annotations: notes }
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: secretData(data) }
}

/** Old and new stay side by side: members that still serve the old certificate are verified until they serve the new one. */
function withEarlier(before: string, current: string): string {
  return before.includes(current) ? before : current + before
}
