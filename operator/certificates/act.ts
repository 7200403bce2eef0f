/** Carries a decision out. Decides nothing; each may be repeated. */
import { setRights } from '#operator/access/set-rights.ts'
import { shownFields } from '#operator/access/shown-fields.ts'
import { strongroomCertificates } from '#operator/api/certificate.ts'
import { type Applying, applyChildren, applyWhole } from '#operator/kube/apply.ts'
import { setFinalizer } from '#operator/kube/finalizers.ts'
import { secrets } from '#operator/kube/kinds.ts'
import type { Kube } from '#operator/kube/kube.ts'
import { fieldManager } from '#operator/kube/labels.ts'
import { createOwn, deleteOwn } from '#operator/kube/owned-writes.ts'
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
  const { resource: owner, staged } = observed
  const applying = { kube, owner, fieldManager: fieldManager.certificates }
  switch (decision.kind) {
    case 'stage':
      return stage(applying, observed, decision)
    case 'publish':
      return publish(applying, observed, decision)
    case 'request':
      return request(applying, decision)
    case 'withdraw':
      await applyChildren(applying, { desired: [], found: decision.found })
      return undefined
    case 'discard':
    case 'unstage':
      if (staged !== undefined) await deleteOwn(applying, secrets, staged)
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
  applying: Applying,
  { desired, found }: DecisionOf<'request'>,
): Promise<Deed | undefined> {
  const [applied] = await applyChildren(applying, { desired, found })
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
  applying: Applying,
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
  const staged = stagedSecret(resource, { certificate, key: keys.privateKey })
  if ((await createOwn(applying, secrets, staged)) === undefined) return undefined
  return {
    reason: 'CertificateIssued',
    note: `Issued certificate ${certificate.thumbprint} (${why})`,
  }
}

async function publish(
  applying: Applying,
  observed: Observed,
  { from }: DecisionOf<'publish'>,
): Promise<Deed | undefined> {
  const material = from === 'staged' ? observed.next : observed.current
  if (material.kind === 'unusable') return undefined
  const object = await targetSecret(observed, material)
  await applyWhole(applying, { kind: secrets, object }, { present: observed.target })
  return {
    reason: 'SecretWritten',
    note: `Wrote certificate ${material.certificate.thumbprint} to Secret "${observed.resource.spec.secretName}"`,
  }
}
