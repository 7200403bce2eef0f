/** Several changes at once, all or none. */

import { writeDatabase } from '#server/access/actions.ts'
import type { Databases } from '#server/database/databases.ts'
import { databaseErrors } from '#server/database/errors.ts'
import { bodyBytesMax } from '#server/limits.ts'
import { sendJson } from '../answers.ts'
import { awaitReplicas, replicaWait } from '../batch-wait.ts'
import { bodyOf } from '../parameters.ts'
import type { Routes } from '../route.ts'
import { databaseOf } from './database-of.ts'

export function batchRoutes(databases: Databases, documentBytesMax?: number): Routes {
  return [
    {
      method: 'POST',
      path: '/databases/:database/bulk_docs',
      action: writeDatabase,
      bodyBytesMax,
      unsupported: { shardedBatchBehavior: ['default'], disableAtomicDocumentWrites: ['false'] },
      handle: async (request, reply) => {
        if (request.headers['content-type']?.startsWith('multipart/') === true)
          throw databaseErrors.BatchCommandNotSupported('a body with attachments')
        const database = await databaseOf(databases, request)
        const wait = replicaWait(request)
        const answer = await database.batch(bodyOf(request), documentBytesMax)
        if (wait !== undefined) await awaitReplicas(wait)
        return sendJson(reply, answer, { status: 201 })
      },
    },
  ]
}
