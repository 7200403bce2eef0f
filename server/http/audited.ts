/** Acts that concern security, with who did them, for the audit log. */
import type { FastifyRequest } from 'fastify'
import { actorOf } from '#server/access/hook.ts'
import type { Audit, AuditEvent } from '#server/audit/event.ts'

export function auditAct(
  audit: Audit,
  request: Pick<FastifyRequest, 'identity' | 'ip'>,
  { act, facts }: Pick<AuditEvent, 'act' | 'facts'>,
): void {
  const actor = actorOf(request.identity)
  audit({ act, facts, address: request.ip, ...(actor === undefined ? {} : { actor }) })
}
