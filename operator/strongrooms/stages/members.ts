/** Stage: the running members. Are they ready, do they serve the certificates they should, and what do the pods say if not? */
import { isPodReady } from '#operator/admin/endpoint.ts'
import { names } from '#operator/api/names.ts'
import type { StrongroomMember } from '#operator/api/strongroom.ts'
import { isFalse, isTrue } from '#operator/kube/conditions.ts'
import { covers } from '#operator/kube/covers.ts'
import { annotation } from '#operator/kube/labels.ts'
import { sha256Of, tlsMaterial } from '#operator/kube/tls-secret.ts'
import type { Served } from '../dial.ts'
import { mountedHash } from '../mounted.ts'
import type { Member, Observed } from '../observe.ts'
import { podFailure, podRefused } from '../pod-failure.ts'
import type { StageResult, Step } from '../stage.ts'
import type { Trouble } from './user-certificate.ts'

/** Reason of the condition while a member still serves an earlier certificate: passes by itself, within moments. */
export const notServedYet = 'NotServedYet'

export function membersStage(observed: Observed): StageResult {
  const { cluster, members } = observed
  const list = members.map((member) => memberStatus(member, observed))
  const readyCount = list.filter(({ ready }) => ready).length
  const status = { members: list, ready: `${readyCount}/${cluster.spec.members}` }
  const steps = members.flatMap((member) => nudge(member, observed))
  const waiting =
    members.length < cluster.spec.members
      ? 'its pod has not been made yet'
      : members.flatMap(trouble)[0]
  if (readyCount < cluster.spec.members) {
    const message = `${readyCount} of ${cluster.spec.members} members are ready: ${waiting ?? 'starting'}`
    const failure = failureOf(observed)
    if (failure !== undefined) return { steps, status, ...stuck(failure) }
    return {
      steps,
      status,
      findings: [isFalse('MembersHealthy', 'AwaitingMembers', message)],
      halt: { kind: 'working', reason: 'AwaitingMembers', message, isTold: !isSilent(members) },
    }
  }
  return {
    steps,
    status,
    findings: [
      isTrue(
        'MembersHealthy',
        'AllReady',
        `${readyCount} of ${cluster.spec.members} members are ready`,
      ),
      servedFinding(observed),
    ],
  }
}

/** What keeps a member from running until somebody acts. */
function failureOf({ cluster, members, podRefusal, nowMs, operatorImage }: Observed) {
  const recordedImage = cluster.status?.image ?? operatorImage
  if (podRefusal !== undefined && members.length < cluster.spec.members)
    return podRefused(podRefusal)
  return members.flatMap(({ pod }) => podFailure(pod, { nowMs, recordedImage }) ?? [])[0]
}

function stuck({ reason, message }: Trouble): Pick<StageResult, 'findings' | 'halt'> {
  return {
    findings: [isFalse('MembersHealthy', reason, message)],
    halt: { kind: 'stalled', reason, message, isOfMembers: true },
  }
}

/** Is a pod ready whose server does not answer? Of everything else its pod, or that there is none, tells. */
function isSilent(members: readonly Member[]): boolean {
  return members.some(({ pod, state }) => isPodReady(pod) && state === undefined)
}

function memberStatus(
  { pod, state, internal, public: open }: Member,
  { nowMs, cluster }: Observed,
): StrongroomMember {
  const serves = { ...summary('internal', internal), ...summary('public', open) }
  const before = cluster.status?.members?.find(({ name }) => name === pod.metadata.name)
  const isSame = covers(before?.serves, serves)
  return {
    name: pod.metadata.name,
    ready: isPodReady(pod) && state !== undefined,
    ...(state === undefined ? {} : { version: state.Version }),
    ...(Object.keys(serves).length === 0
      ? {}
      : {
          serves,
          servesSince: isSame ? (before?.servesSince ?? '') : new Date(nowMs).toISOString(),
        }),
  }
}

function summary(name: string, served: Served | undefined): Record<string, unknown> {
  if (served === undefined || 'failure' in served) return {}
  return {
    [name]: {
      sha256: sha256Of(served.certificate),
      notAfter: new Date(served.certificate.notAfter).toISOString(),
    },
  }
}

/** What a pod itself says of why it does not run, or why it could not be reached. */
function trouble({ pod, unreachable }: Member): string[] {
  const [container] = pod.status?.containerStatuses ?? []
  const waiting = container?.state?.waiting
  const ended = container?.lastState?.terminated ?? container?.state?.terminated
  const said = [
    waiting?.reason,
    ended?.message?.trim().split('\n').at(-1) ?? waiting?.message,
  ].filter((text) => text !== undefined)
  if (said.length > 0) return [`${pod.metadata.name}: ${said.join(': ')}`]
  if (isPodReady(pod))
    return unreachable === undefined ? [] : [`${pod.metadata.name}: ${unreachable}`]
  return [`${pod.metadata.name} is ${pod.status?.phase ?? 'not scheduled'}`]
}

/** kubelet looks at mounted Secrets about once a minute, and at once when the pod changes. */
function nudge({ pod }: Member, observed: Observed): Step[] {
  const mounted = mountedHash(observed)
  if (pod.metadata.annotations?.[annotation.nudge] === mounted) return []
  return [{ kind: 'nudge', pod: pod.metadata.name, mounted }]
}

function servedFinding(observed: Observed) {
  const type = 'CertificatesServed'
  for (const purpose of ['internal', 'public'] as const) {
    const found = notServed(purpose, observed)
    if (found !== undefined) return isFalse(type, found.reason, found.message)
  }
  return isTrue(type, 'Served', 'Every member serves the certificates it should')
}

/** Which member does not serve its certificate of that purpose, and why; nothing where all do, or none is there to be served. */
function notServed(
  purpose: 'internal' | 'public',
  { cluster, members, secrets, nowMs }: Observed,
): { readonly reason: string; readonly message: string } | undefined {
  const secretName = purpose === 'internal' ? names.internalTls : names.serverTls
  const name = secretName(cluster.metadata.name)
  const wanted = tlsMaterial(secrets.get(name), name)
  if (wanted.kind === 'unusable') return undefined
  const behind = members.find((member) => !isServed(member[purpose], wanted.certificate))
  if (behind === undefined) return undefined
  const { notAfter } = wanted.certificate
  if (notAfter <= nowMs) {
    const end = new Date(notAfter).toISOString()
    const message = `The ${purpose} certificate in Secret "${name}" ended at ${end}: members show it on, and callers refuse it`
    return { reason: 'CertificateExpired', message }
  }
  const served = behind[purpose]
  const why =
    served !== undefined && 'failure' in served ? served.failure : 'it still serves an earlier one'
  const message = `${behind.pod.metadata.name} does not serve the ${purpose} certificate of Secret "${name}" yet: ${why}`
  return { reason: notServedYet, message }
}

function isServed(
  served: Member['internal'],
  certificate: Parameters<typeof sha256Of>[0],
): boolean {
  if (served === undefined || 'failure' in served) return false
  return sha256Of(served.certificate) === sha256Of(certificate)
}
