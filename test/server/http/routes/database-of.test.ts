import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { databaseOf } from '#server/http/routes/database-of.ts'
import { memoryDatabase } from '#test/support/database-app.ts'

test('databaseOf() opens the database that the path names', async () => {
  const asked: string[] = []
  const database = memoryDatabase()
  const databases = {
    open: async (name: string) => {
      asked.push(name)
      return database
    },
  }
  const request = { params: { database: 'Orders' } } as unknown as FastifyRequest
  assert.equal(await databaseOf(databases, request), database)
  assert.deepEqual(asked, ['Orders'])
})
