import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkStore } from '#server/storage/check.ts'
import type { Reader } from '#server/storage/engine.types.ts'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import { type Change, openTestEngine, type TestEngine, testSealer } from '#test/support/storage.ts'

type Model = ReadonlyMap<string, string>

const change = fc.record<Change & { tree: number }>(
  {
    tree: fc.integer({ min: 1, max: 2 }),
    key: fc.oneof(
      fc.integer({ min: 0, max: 400 }).map((n) => `orders/${n}`),
      fc.integer({ min: 0, max: 40 }).map((n) => `${n}`.repeat(1 + n * 9)),
    ),
    value: fc.oneof(
      { weight: 4, arbitrary: fc.nat(200).map((length) => 'v'.repeat(length)) },
      { weight: 2, arbitrary: fc.integer({ min: 500, max: 4_500 }).map((n) => `${n}`.repeat(n)) },
      { weight: 1, arbitrary: fc.integer({ min: 8_000, max: 90_000 }).map((n) => 'w'.repeat(n)) },
    ),
  },
  { requiredKeys: ['tree', 'key'] },
)

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      changes: fc.array(change, { minLength: 1, maxLength: 80, size: 'max' }),
      fails: fc.boolean().map((fails) => fails),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('clear' as const),
      from: fc.nat(400),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('snapshot' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
)

test('openEngine() behaves as a sorted map would, with snapshots, failures and reopening', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
      const disk = new MemoryDisk()
      let engine = await openTestEngine(memoryPageStore({ database: 'test' }, disk))
      let model: Model = new Map()
      let snapshots: { reader: Reader & Disposable; model: Model }[] = []
      for (const each of steps) {
        if (each.kind === 'write') model = await write(engine, model, each)
        if (each.kind === 'clear') model = await clear(engine, model, each.from)
        if (each.kind === 'snapshot') snapshots.push({ reader: engine.snapshot(), model })
        if (each.kind === 'reopen') {
          for (const { reader, model } of snapshots) assertSame(reader, model)
          for (const { reader } of snapshots) reader[Symbol.dispose]()
          snapshots = []
          await engine.close()
          engine = await openTestEngine(memoryPageStore({ database: 'test' }, disk))
        }
        engine.read((reader) => assertSame(reader, model))
      }
      for (const { reader, model } of snapshots) assertSame(reader, model)
      await engine.close()
      const store = memoryPageStore({ database: 'test' }, disk)
      assert.deepEqual((await checkStore({ store, sealer: testSealer() })).problems, [])
    }),
    { numRuns: 25 },
  )
})

async function write(
  engine: TestEngine,
  model: Model,
  { changes, fails }: { changes: (Change & { tree: number })[]; fails: boolean },
): Promise<Model> {
  if (fails) {
    await assert.rejects(engine.submit({ changes, fails }), /told to fail/)
    return model
  }
  const next = new Map(model)
  for (const { tree, key, value } of changes) {
    if (value === undefined) next.delete(`${tree} ${key}`)
    else next.set(`${tree} ${key}`, value.toString())
  }
  await engine.submit({ changes })
  return next
}

/** Deletes everything in tree 1 from a key on. */
async function clear(engine: TestEngine, model: Model, from: number): Promise<Model> {
  const gone = [...model.keys()].filter((key) => key >= `1 orders/${from}` && key < '2')
  await engine.submit({ changes: gone.map((key) => ({ key: key.slice(2) })) })
  return new Map([...model].filter(([key]) => !gone.includes(key)))
}

function assertSame(reader: Reader, model: Model): void {
  for (const tree of [1, 2]) {
    const expected = [...model]
      .filter(([key]) => key.startsWith(`${tree} `))
      .map(([key, value]) => ({ key: key.slice(2), value }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
    assert.deepEqual(read(reader, tree), expected)
    assert.deepEqual(read(reader, tree, true), expected.toReversed())
    assert.equal(reader.count(tree), expected.length)
    for (const { key, value } of expected.slice(0, 5))
      assert.equal(reader.get(tree, key)?.toString(), value)
  }
}

function read(reader: Reader, tree: number, reverse = false): { key: string; value: string }[] {
  return [...reader.range(tree, { reverse })].map(({ key, value }) => ({
    key,
    value: value.toString(),
  }))
}
