/** The long form of hostile-requests.test.ts: many more of them, and megabytes at a time. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { database, type HostileRun, hostileRun } from '#test/support/hostile-run.ts'

const folder = temporaryFolder('hostile-requests-long')
const residentBytesMax = 1024 * 1024 * 1024
let run: HostileRun
before(async () => {
  run = await hostileRun(folder.path)
})
beforeEach(() => run.begin())
after(async () => {
  await run[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

test('two hundred hostile requests on every route are answered in words', async (t) => {
  const seed = Number(process.hrtime.bigint() % 1_000_000n)
  t.diagnostic(`seed ${seed}`)
  await run.everyRoute(seed, 200)
  await run.demandFine(residentBytesMax)
})

test('megabytes of odd JSON keep nobody waiting', async () => {
  const wide = Array.from({ length: 150_000 }, (_, index) => `"name ${index}":${index}`).join()
  const bodies = [
    `{${wide}}`,
    `{"QueryParameters":{${wide}},"Query":"from X"}`,
    `{"a":[${'[],'.repeat(1_000_000)}1]}`,
    `{"QueryParameters":{"p":[${'"a",'.repeat(900_000)}"b"]},"Query":"from X where id() in ($p)"}`,
    `{"Ids":[${'"a",'.repeat(900_000)}"b"]}`,
  ]
  for (const path of ['queries', 'docs', 'bulk_docs'])
    for (const body of bodies) {
      const answer = await run.send({
        method: 'POST',
        path: `/databases/${database}/${path}`,
        body,
      })
      assert.ok(answer === undefined || answer.status >= 400)
    }
  await run.demandFine(residentBytesMax)
})
