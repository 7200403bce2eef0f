/** Hostile bodies, addresses and headers on every route: coded answers, no mistake in the log, no wait for others, bounded memory. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { database, type HostileRun, hostileRun } from '#test/support/hostile-run.ts'

const folder = temporaryFolder('hostile-requests')
const residentBytesMax = 700 * 1024 * 1024
let run: HostileRun
before(async () => {
  run = await hostileRun(folder.path)
})
beforeEach(() => run.begin())
after(async () => {
  await run[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const post = (path: string, body: string) => ({
  method: 'POST',
  path: `/databases/${database}/${path}`,
  body,
  headers: { 'content-type': 'application/json' },
})
const query = (Query: string, QueryParameters?: object) =>
  post('queries', JSON.stringify({ Query, QueryParameters }))
const long = (unit: string, characters = 65_000) => unit.repeat(characters / unit.length)

test('400 lists of ids in one query are one walk', async () => {
  const p = Array.from(
    { length: 9_000 },
    (_, index) => `orders/${index}-of-a-name-that-is-rather-long`,
  )
  const where = Array.from({ length: 400 }, () => 'id() in ($p)').join(' or ')
  const answer = await run.send(query(`from @all_docs where ${where}`, { p }))
  assert.equal(answer?.status, 200)
  await run.demandFine(residentBytesMax)
})

test('queries of 65 KB that no expression was made for keep nobody waiting', async () => {
  for (const text of ["'\\", '"\\', '/*', '(', "'", '$', '1e', '[]', 'a(', '//x ', '\\'])
    for (const before of ['from X where ', 'from X include ', '', "from X where id() = '"])
      await run.send(query(`${before}${long(text)}`))
  for (const include of ['(', 'a(', '[]', '.', '()'])
    await run.send({
      method: 'GET',
      path: `/databases/${database}/docs?id=good/1&include=${long(include, 12_000)}`,
    })
  await run.demandFine(residentBytesMax)
})

test('a document that is named 5,000 times is answered once', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(200_000) })
  await run.send({ method: 'PUT', path: `/databases/${database}/docs?id=large`, body })
  const answer = await run.send(post('docs', JSON.stringify({ Ids: Array(5_000).fill('large') })))
  assert.equal(answer?.status, 200)
  assert.ok((answer?.bytes.length ?? 0) < 300_000)
  await run.demandFine(residentBytesMax)
})

test('megabytes of odd JSON keep nobody waiting, on any route that takes a body', async () => {
  const wide = Array.from({ length: 30_000 }, (_, index) => `"name ${index}":${index}`).join()
  const bodies = [
    `{${wide}}`,
    `{"Permissions":{${wide}},"Name":"x","Certificate":"AAAA"}`,
    `{"DatabaseName":"wide","Kept":{${wide}}}`,
    `{"a":[${'[],'.repeat(150_000)}1]}`,
    `{"QueryParameters":{"p":[${'"a",'.repeat(100_000)}"b"]},"Query":"from X where id() in ($p)"}`,
    `{"Ids":[${'"a",'.repeat(100_000)}"b"]}`,
    `{"Name":"${'\\u0061'.repeat(80_000)}"}`,
  ]
  const paths = [
    ...['/admin/certificates/edit'],
    ...[
      '/admin/databases/disable',
      `/databases/${database}/queries`,
      `/databases/${database}/docs`,
    ],
    ...[
      `/databases/${database}/bulk_docs`,
      '/admin/strongroom/challenges',
      '/admin/secrets?name=x',
    ],
  ]
  for (const path of paths)
    for (const body of bodies)
      await run.send({
        method: 'POST',
        path,
        body,
        headers: { 'content-type': 'application/json' },
      })
  await run.demandFine(residentBytesMax)
})

test('hostile requests on every route are answered in words', async (t) => {
  const seed = Number(process.hrtime.bigint() % 1_000_000n)
  t.diagnostic(`seed ${seed}`)
  await run.everyRoute(seed, 6)
  await run.demandFine(residentBytesMax)
})
