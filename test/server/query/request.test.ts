import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainQueryRequest, queryRequest } from '#server/query/request.ts'

const read = (body: unknown) => queryRequest(Buffer.from(JSON.stringify(body)))

test('queryRequest() reads text, parameters and page', async () => {
  const body = {
    Query: 'from X where id() in ($p)',
    QueryParameters: { p: ['a'], other: { deep: [1] } },
    ...{ Start: 2, PageSize: null, WaitForNonStaleResults: true },
  }
  const { source, plan } = await read(body)
  assert.deepEqual(source, { kind: 'collection', name: 'X' })
  assert.deepEqual(plan.walk, { kind: 'keys', keys: ['a'] })
  assert.deepEqual([plan.start, plan.pageSize], [2, 2_147_483_647])
})

test('queryRequest() tells queries apart that differ in anything', async () => {
  const requests = [
    { Query: 'from X' },
    { Query: 'from X ' },
    { Query: 'from X', Start: 1 },
    { Query: 'from X', PageSize: 1 },
    { Query: 'from X', QueryParameters: { a: 1 } },
    { Query: 'from X', QueryParameters: { a: 2 } },
  ].map(read)
  const identities = (await Promise.all(requests)).map(({ identity }) => identity)
  assert.equal(new Set(identities).size, identities.length)
})

for (const [body, code] of [
  [{}, 'QueryTextMissing'],
  [{ Query: 5 }, 'QueryTextMissing'],
  [{ Query: null }, 'QueryTextMissing'],
  [{ Query: 'from X', Start: 'x' }, 'QueryInvalid'],
  [{ Query: 'from X', PageSize: 1.5 }, 'QueryInvalid'],
  [{ Query: 'from X', PageSize: -1 }, 'QueryInvalid'],
  [{ Query: 'from X', QueryParameters: [] }, 'QueryInvalid'],
  [[], 'JsonNotAnObject'],
] as const) {
  test(`queryRequest() refuses ${JSON.stringify(body)}`, () => assert.rejects(read(body), { code }))
}

test('plainQueryRequest() has no parameters', () => {
  assert.equal(plainQueryRequest('from X', { start: 0, pageSize: 1 }).plan.pageSize, 1)
  assert.throws(() => plainQueryRequest('from X where id() = $p', { start: 0, pageSize: 1 }), {
    code: 'QueryInvalid',
  })
})
