import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { demandKnownParameters } from '#server/http/known-parameters.ts'
import { parsedQuery } from '#server/http/query-values.ts'

function demand(query: string, names: readonly string[] = ['thumbprint', 'pageSize']): void {
  demandKnownParameters({ query: parsedQuery(query) } as unknown as FastifyRequest, names)
}

test('demandKnownParameters() takes declared names in any case, and what clients always send', () => {
  for (const query of ['', 'thumbprint=a&PAGESIZE=1', '&thumbprint=a', 'raft-request-id=1'])
    demand(query)
})

test('demandKnownParameters() refuses what is misspelt or there twice, and names the right one', () => {
  const unknown = { code: 'QueryValueUnknown', status: 400, message: /"thumbprnt".*"thumbprint"/ }
  assert.throws(() => demand('thumbprnt=a'), unknown)
  assert.throws(() => demand('x=1', []), { code: 'QueryValueUnknown' })
  for (const query of ['thumbprint=a&Thumbprint=b', 'raft-request-id=1&raft-request-id=2'])
    assert.throws(() => demand(query), { code: 'QueryValueRepeated' })
})
