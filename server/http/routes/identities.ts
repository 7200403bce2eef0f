/** Identities: numbers given one by one, for ids such as `users/1`. */
import type { FastifyRequest } from 'fastify'
import { readDatabase, writeDatabase } from '#server/access/actions.ts'
import type { Databases } from '#server/database/databases.ts'
import { errors } from '#server/errors.ts'
import { flag, requiredValue, wholeNumber } from '../parameters.ts'
import type { Routes } from '../route.ts'
import { databaseOf } from './database-of.ts'

export function identityRoutes(databases: Databases): Routes {
  return [
    {
      method: 'POST',
      path: '/databases/:database/identity/next',
      action: writeDatabase,
      handle: async (request) => {
        const database = await databaseOf(databases, request)
        const name = requiredValue(request, 'name')
        return { NewIdentityValue: await database.identity({ name }) }
      },
    },
    {
      method: 'POST',
      path: '/databases/:database/identity/seed',
      action: writeDatabase,
      handle: async (request) => {
        const database = await databaseOf(databases, request)
        return { NewSeedValue: await database.identity(seedIn(request)) }
      },
    },
    {
      method: 'GET',
      path: '/databases/:database/debug/identities',
      action: readDatabase,
      handle: async (request) => {
        const { identities } = await databaseOf(databases, request)
        return Object.fromEntries(identities.map(({ name, value }) => [name, value]))
      },
    },
  ]
}

function seedIn(request: FastifyRequest) {
  const seed = wholeNumber(request, 'value')
  if (seed === undefined) throw errors.QueryValueMissing('value')
  return { name: requiredValue(request, 'name'), seed, force: flag(request, 'force') }
}
