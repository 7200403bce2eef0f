/**
 * What is written in this look is served after it: until members were dialed and seen with it, nobody is told that they serve what they should.
 * Pure.
 */
import { names } from '#operator/api/names.ts'
import type { PublicCertificate, StrongroomMember } from '#operator/api/strongroom.ts'
import { type Finding, isFalse } from '#operator/kube/conditions.ts'
import type { Step } from './stage.ts'
import { notServedYet } from './stages/members.ts'

const type = 'CertificatesServed'

/** The findings, where steps of the same look put another certificate before the members. */
export function untilWritten(
  findings: readonly Finding[],
  steps: readonly Step[],
): readonly Finding[] {
  const isWritten = steps.some(
    (step) =>
      step.kind === 'take-over' ||
      (step.kind === 'issue' && (step.purpose === 'public' || step.purpose === 'internal')),
  )
  return isWritten
    ? instead(findings, 'A certificate is written now: members are asked for it next')
    : findings
}

/** The findings, where an issuer gave another certificate than what members served when they were dialed. */
export function untilDialed(
  findings: readonly Finding[],
  {
    certificate,
    members = [],
    cluster,
  }: {
    readonly certificate: PublicCertificate | undefined
    /** As they were dialed in this look. */
    readonly members: readonly StrongroomMember[] | undefined
    readonly cluster: string
  },
): readonly Finding[] {
  const behind = members.find(({ serves }) => serves?.public?.sha256 !== certificate?.sha256)
  if (certificate === undefined || behind === undefined) return findings
  const message = `${behind.name} does not serve the public certificate of Secret "${names.serverTls(cluster)}" yet: it has only just come`
  return instead(findings, message)
}

function instead(findings: readonly Finding[], message: string): readonly Finding[] {
  return findings.map((finding) =>
    finding.type === type && finding.status === 'True'
      ? isFalse(type, notServedYet, message)
      : finding,
  )
}
