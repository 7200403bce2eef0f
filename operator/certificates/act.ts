/** Carries a decision out. Decides nothing; each may be repeated. */
import { setRights } from '#operator/access/set-rights.ts'
import { shownFields } from '#operator/access/shown-fields.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { names } from '#operator/api/names.ts'
import { applyChildren } from '#operator/kube/apply.ts'
import { setFinalizer } from '#operator/kube/finalizers.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { isConflict, type Kube } from '#operator/kube/kube.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import type { Deed } from '#operator/kube/status.ts'
import { issueClientCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import type { Decision } from './decision.types.ts'
import { durationMs } from './duration.ts'
import type { Observed } from './observe.ts'
import { stagedSecret, targetSecret } from './output.ts'

/** Clocks of servers may be behind. */
const skewMs = 5 * 60 * 1000

type DecisionOf<K extends Decision['kind']> = Extract<Decision, { kind: K }>

export async function act(
  kube: Kube,
  observed: Observed,
  decision: Decision,
): Promise<Deed | undefined> {
  switch (decision.kind) {
    case 'stage':
      return stage(kube, observed, decision)
    case 'publish':
      return publish(kube, observed, decision)
    case 'request':
      return request(kube, decision)
    case 'withdraw':
      await applyChildren(kube, fieldManager.certificates, { desired: [], found: decision.found })
      return undefined
    case 'discard':
    case 'unstage':
      await kube.delete(secrets, {
        name: names.nextKey(observed.resource.metadata.name),
        namespace: observed.resource.metadata.namespace ?? '',
      })
      return undefined
    case 'hold':
    case 'release':
      await setFinalizer(kube, strongroomCertificates, {
        resource: observed.resource,
        wanted: decision.kind === 'hold',
      })
      return undefined
    case 'register':
    case 'edit':
    case 'unregister':
    case 'retire':
      return tellServer(observed, decision)
    case 'wait':
    case 'asked':
    case 'stalled':
    case 'ready':
      return undefined
    default:
      return decision satisfies never
  }
}

async function request(
  kube: Kube,
  { desired, found }: DecisionOf<'request'>,
): Promise<Deed | undefined> {
  const [applied] = await applyChildren(kube, fieldManager.certificates, { desired, found })
  return applied === undefined
    ? undefined
    : {
        reason: 'CertificateRequested',
        note: `Asked cert-manager for Certificate "${applied.name}"`,
      }
}

async function tellServer(
  { admin, resource }: Observed,
  decision: DecisionOf<'register' | 'edit' | 'unregister' | 'retire'>,
): Promise<Deed> {
  const name = resource.spec.commonName
  switch (decision.kind) {
    case 'register':
      await admin?.putCertificate(decision.certificate.der, { name, ...decision.rights })
      return {
        reason: 'CertificateRegistered',
        note: `Registered certificate ${decision.certificate.thumbprint} on the server`,
      }
    case 'edit':
      await setRights(admin, decision.record, { name, rights: decision.rights })
      return {
        reason: 'RightsApplied',
        note: `Set the rights of certificate ${decision.thumbprint}: ${shownFields(decision.fields)}`,
      }
    case 'unregister':
      for (const thumbprint of decision.thumbprints) await admin?.deleteCertificate(thumbprint)
      return {
        reason: 'CertificateRevoked',
        note: `Revoked ${decision.thumbprints.length} certificate(s) on the server`,
      }
    case 'retire':
      await admin?.deleteCertificate(decision.thumbprint)
      return {
        reason: 'CertificateRetired',
        note: `Dropped certificate ${decision.thumbprint} from the server: ${decision.why}`,
      }
    default:
      return decision satisfies never
  }
}

async function stage(
  kube: Kube,
  { resource, authority, nowMs }: Observed,
  { why }: DecisionOf<'stage'>,
): Promise<Deed | undefined> {
  if (authority.kind === 'unusable') return undefined
  const keys = await makeKeyPair(
    resource.spec.privateKey?.algorithm === 'ECDSA' ? 'p-256' : 'rsa-3072',
  )
  const validity = {
    notBefore: nowMs - skewMs,
    // No longer than what signed it: beyond that nobody takes it.
    notAfter: Math.min(
      nowMs + durationMs(resource.spec.duration ?? '2160h'),
      authority.certificate.notAfter,
    ),
  }
  const signer = { certificate: authority.certificate, privateKey: authority.key }
  const { certificate } = await issueClientCertificate(signer, {
    commonName: resource.spec.commonName,
    validity,
    keys,
  })
  try {
    await kube.create(secrets, stagedSecret(resource, { certificate, key: keys.privateKey }))
  } catch (error) {
    if (isConflict(error)) return undefined
    throw error
  }
  return {
    reason: 'CertificateIssued',
    note: `Issued certificate ${certificate.thumbprint} (${why})`,
  }
}

async function publish(
  kube: Kube,
  observed: Observed,
  { from }: DecisionOf<'publish'>,
): Promise<Deed | undefined> {
  const material = from === 'staged' ? observed.next : observed.current
  if (material.kind === 'unusable') return undefined
  await kube.apply(secrets, await targetSecret(observed, material), fieldManager.certificates)
  return {
    reason: 'SecretWritten',
    note: `Wrote certificate ${material.certificate.thumbprint} to Secret "${observed.resource.spec.secretName}"`,
  }
}
