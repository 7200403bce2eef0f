/** What others see of a large write-set while it is applied. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryPageStore } from '#server/storage/page-store/memory.ts'
import { openTestEngine } from '#test/support/storage.ts'

const database = 'test'

function counted(engine: Awaited<ReturnType<typeof openTestEngine>>): number {
  return engine.read((reader) => reader.count(1))
}

test('a large write-set is applied in slices: others read what was before, and see all of it or nothing', async () => {
  await using engine = await openTestEngine(memoryPageStore({ database }))
  await engine.submit({ changes: [{ key: 'a', value: '1' }] })
  const changes = Array.from({ length: 5_000 }, (_, n) => ({ key: `b${n}`, value: 'x' }))
  const seen = new Set<number>()
  let turns = 0
  const looking = setInterval(() => {
    turns += 1
    seen.add(counted(engine))
  }, 0)
  const refused = engine.submit({ changes, fails: true })
  const kept = engine.submit({ changes })
  await assert.rejects(refused, /told to fail/)
  await kept
  clearInterval(looking)
  assert.ok(turns > 2, String(turns))
  for (const count of seen) assert.ok(count === 1 || count === 5_001, String(count))
  assert.equal(counted(engine), 5_001)
})
