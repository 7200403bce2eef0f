/** Names that somebody is proving to a CA: put here by the operator, shown to the CA by the listener, gone after ten minutes. */
import { clusterAdmin } from '#server/access/actions.ts'
import type { Audit } from '#server/audit/event.ts'
import type { Challenges } from '#server/tls/challenges.ts'
import { tlsErrors } from '#server/tls/errors.ts'
import { challengeSchema } from '#shared/contract/challenge.ts'
import { jsonShape } from '#shared/contract/json.ts'
import { auditAct } from '../audited.ts'
import { bodyOf, requiredValue } from '../parameters.ts'
import type { Routes } from '../route.ts'

export interface ChallengeRouteParts {
  readonly challenges: Pick<Challenges, 'present' | 'withdraw'>
  readonly audit: Audit
  /** HTTPS with client certificates. */
  readonly secured: boolean
}

const path = '/admin/strongroom/challenges'
const challengeShape = jsonShape(challengeSchema)

export function challengeRoutes({ challenges, audit, secured }: ChallengeRouteParts): Routes {
  return [
    {
      method: 'PUT',
      path,
      parameters: [],
      action: clusterAdmin,
      handle: async (request, reply) => {
        if (!secured) throw tlsErrors.ChallengeNeedsHttps()
        const body = challengeShape.read(bodyOf(request).toString())
        if (body === undefined) throw tlsErrors.ChallengeInvalid('the body is no such JSON')
        const other = Object.keys(body).find(
          (name) => !Object.hasOwn(challengeSchema.properties, name),
        )
        if (other !== undefined)
          throw tlsErrors.ChallengeInvalid(
            `the body has "${other.slice(0, 60)}", which means nothing`,
          )
        const { Name: name, KeyAuthorization: keyAuthorization } = body
        await challenges.present({ name, keyAuthorization })
        auditAct(audit, request, { act: 'challenge presented', facts: { name } })
        return reply.code(204).send()
      },
    },
    {
      method: 'DELETE',
      path,
      parameters: ['name'],
      action: clusterAdmin,
      handle: (request, reply) => {
        const name = requiredValue(request, 'name')
        const facts = { name, wasThere: challenges.withdraw(name) }
        auditAct(audit, request, { act: 'challenge withdrawn', facts })
        return reply.code(204).send()
      },
    },
  ]
}
