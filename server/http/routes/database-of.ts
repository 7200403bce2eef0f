/** The database that the path of a request names. */
import type { FastifyRequest } from 'fastify'
import type { Database } from '#server/database/database.ts'
import type { Databases } from '#server/database/databases.ts'

export function databaseOf(databases: Databases, request: FastifyRequest): Promise<Database> {
  const { database } = request.params as { readonly database: string }
  return databases.open(database)
}
