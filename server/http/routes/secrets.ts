/** Keys of databases: made for whoever asks, kept for a database that will be created, never given away again. */
import { operator } from '#server/access/actions.ts'
import type { Audit } from '#server/audit/event.ts'
import { keyBytes } from '#server/keys/key.ts'
import { systemErrors } from '#server/system/errors.ts'
import { postSecret, type SecretParts, secretNames } from '#server/system/secrets.ts'
import { databaseKey } from '#shared/database-name.ts'
import { randomBytes } from '#shared/random.ts'
import { auditAct } from '../audited.ts'
import { bodyOf, flag, requiredValue } from '../parameters.ts'
import { queryValue } from '../query-values.ts'
import type { Routes } from '../route.ts'

export interface SecretRouteParts extends SecretParts {
  readonly audit: Audit
  /** HTTPS with client certificates. */
  readonly secured: boolean
}

const path = '/admin/secrets'

export function secretRoutes(parts: SecretRouteParts): Routes {
  return [
    {
      method: 'GET',
      path: `${path}/generate`,
      parameters: [],
      action: operator,
      handle: (_request, reply) => {
        const key = randomBytes(keyBytes)
        const text = Buffer.from(key.toString('base64'))
        key.fill(0)
        return reply.type('application/base64').send(text)
      },
    },
    {
      method: 'GET',
      path,
      parameters: ['name'],
      action: operator,
      handle: (request) => ({ Keys: named(secretNames(parts), queryValue(request, 'name')) }),
    },
    {
      method: 'POST',
      path,
      parameters: ['name', 'overwrite'],
      action: operator,
      handle: async (request, reply) => {
        const name = requiredValue(request, 'name')
        if (!parts.secured) throw systemErrors.EncryptionNeedsHttps(name)
        const overwrite = flag(request, 'overwrite')
        await postSecret(parts, { name, text: bodyOf(request), overwrite })
        auditAct(parts.audit, request, { act: 'database key kept', facts: { database: name } })
        return reply.code(201).send()
      },
    },
  ]
}

/** All, or the one of a name in any case. */
function named(names: readonly string[], wanted: string | undefined): readonly string[] {
  if (wanted === undefined) return names
  return names.filter((name) => databaseKey(name) === databaseKey(wanted))
}
