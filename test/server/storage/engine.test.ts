import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { checkStore } from '#server/storage/check.ts'
import type { Reader } from '#server/storage/engine.types.ts'
import { MemoryDisk, memoryPageStore } from '#server/storage/page-store/memory.ts'
import type { PageChange } from '#server/storage/page-store/page-store.ts'
import {
  openTestEngine,
  type TestEngine,
  testPlainSealer,
  testSealer,
} from '#test/support/storage.ts'

const database = 'test'

function keysOf(engine: TestEngine, tree = 1): string[] {
  return engine.read((reader) => [...reader.range(tree)].map(({ key }) => key))
}

function textOf(reader: Reader, key: string): string | undefined {
  return reader.get(1, key)?.toString()
}

/** A store whose commits can be counted, held up, and made to fail. */
function watchedStore(disk = new MemoryDisk()) {
  const watched = {
    commits: 0,
    failNext: undefined as Error | undefined,
    gate: undefined as Promise<void> | undefined,
  }
  const beforeCommit = async (_: PageChange): Promise<void> => {
    watched.commits += 1
    await watched.gate
    const failure = watched.failNext
    watched.failNext = undefined
    if (failure !== undefined) throw failure
  }
  return Object.assign(watched, { store: memoryPageStore({ database, beforeCommit }, disk) })
}

test('submit() shares one commit among all write-sets of a turn, applied in order', async () => {
  const watched = watchedStore()
  await using engine = await openTestEngine(watched.store)
  const before = watched.commits
  const etags = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      engine.submit({ changes: [{ key: `k${i}`, value: 'v' }] }),
    ),
  )
  assert.deepEqual(
    etags,
    Array.from({ length: 50 }, (_, i) => i + 1),
  )
  assert.equal(watched.commits, before + 1)
  assert.equal(
    engine.read(({ lastEtag }) => lastEtag),
    50,
  )
})

test('submit() rolls back the write-set that throws, and no other', async () => {
  await using engine = await openTestEngine(memoryPageStore({ database }))
  const outcomes = await Promise.allSettled([
    engine.submit({ changes: [{ key: 'a', value: '1' }] }),
    engine.submit({
      changes: [
        { key: 'a', value: '2' },
        { key: 'b', value: '2' },
      ],
      fails: true,
    }),
    engine.submit({ changes: [{ key: 'c', value: '3' }] }),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(keysOf(engine), ['a', 'c'])
  assert.equal(
    engine.read((reader) => textOf(reader, 'a')),
    '1',
  )
  assert.equal(
    engine.read(({ lastEtag }) => lastEtag),
    2,
  )
})

test('submit() writes nothing for a write-set that changes nothing', async () => {
  const watched = watchedStore()
  await using engine = await openTestEngine(watched.store)
  const before = watched.commits
  assert.equal(await engine.submit({ changes: [] }), 0)
  await assert.rejects(engine.submit({ changes: [{ key: 'a', value: '1' }], fails: true }))
  assert.equal(watched.commits, before)
})

test('read() sees what is durable, never a commit on its way', async () => {
  const watched = watchedStore()
  await using engine = await openTestEngine(watched.store)
  await engine.submit({ changes: [{ key: 'a', value: '1' }] })
  const { promise, resolve } = Promise.withResolvers<void>()
  watched.gate = promise
  const submitted = engine.submit({ changes: [{ key: 'a', value: '2' }] })
  await new Promise((turn) => setTimeout(turn, 5))
  assert.equal(
    engine.read((reader) => textOf(reader, 'a')),
    '1',
  )
  resolve()
  await submitted
  assert.equal(
    engine.read((reader) => textOf(reader, 'a')),
    '2',
  )
})

test('submit() of a commit that fails is rejected, the state before stays, and the next commit works', async () => {
  const disk = new MemoryDisk()
  const watched = watchedStore(disk)
  await using engine = await openTestEngine(watched.store)
  await engine.submit({ changes: [{ key: 'a', value: '1' }] })
  watched.failNext = new Error('the disk says no')
  const both = await Promise.allSettled([
    engine.submit({ changes: [{ key: 'a', value: '2' }] }),
    engine.submit({ changes: [{ key: 'b', value: 'x'.repeat(50_000) }] }),
  ])
  for (const outcome of both) {
    assert.equal(outcome.status, 'rejected')
    assert.match(String(outcome.status === 'rejected' && outcome.reason), /the disk says no/)
  }
  assert.deepEqual(keysOf(engine), ['a'])
  await engine.submit({ changes: [{ key: 'c', value: '3' }] })
  assert.deepEqual(keysOf(engine), ['a', 'c'])
  await engine.close()
  const store = memoryPageStore({ database }, disk)
  assert.deepEqual((await checkStore({ store, sealer: testSealer() })).problems, [])
})

test('submit() rejects with DiskFull where there is no room, and goes on once there is', async () => {
  const store = memoryPageStore({ database, quotaBytes: 200_000 })
  await using engine = await openTestEngine(store)
  const value = 'x'.repeat(30_000)
  await engine.submit({ changes: [{ key: 'a', value }] })
  await engine.submit({ changes: [{ key: 'b', value }] })
  const tooMuch = { changes: [{ key: 'c', value: value.repeat(5) }] }
  await assert.rejects(engine.submit(tooMuch), { code: 'DiskFull', status: 507 })
  assert.deepEqual(keysOf(engine), ['a', 'b'])
  await engine.submit({ changes: [{ key: 'a' }] })
  await engine.submit({ changes: [{ key: 'd', value }] })
  assert.deepEqual(keysOf(engine), ['b', 'd'])
})

test('snapshot() stays as it was while others write, and its pages go once it is released', async () => {
  const disk = new MemoryDisk()
  await using engine = await openTestEngine(memoryPageStore({ database }, disk))
  const changes = (round: number) =>
    Array.from({ length: 200 }, (_, i) => ({ key: `k${i}`, value: `${round} `.repeat(200) }))
  await engine.submit({ changes: changes(0) })
  const first = disk.slots.size
  const snapshot = engine.snapshot()
  for (let round = 1; round < 10; round += 1) await engine.submit({ changes: changes(round) })
  assert.equal(textOf(snapshot, 'k7'), '0 '.repeat(200))
  assert.equal([...snapshot.range(1)].length, 200)
  const held = disk.slots.size
  assert.ok(held < 5 * first, `${held} pages are held, ${first} were there at first`)
  snapshot[Symbol.dispose]()
  snapshot[Symbol.dispose]()
  for (let round = 10; round < 13; round += 1) await engine.submit({ changes: changes(round) })
  assert.ok(disk.slots.size <= held - first * 0.8, `${disk.slots.size} of ${held} pages are left`)
  assert.throws(() => textOf(snapshot, 'k7'), { code: 'ERR_ASSERTION' })
})

test('snapshot() of an old commit does not keep pages from it alive that newer ones free', async () => {
  await using engine = await openTestEngine(memoryPageStore({ database }))
  const write = (value: string) => engine.submit({ changes: [{ key: 'a', value }] })
  await write('1')
  const first = engine.snapshot()
  const again = engine.snapshot()
  await write('2')
  first[Symbol.dispose]()
  await write('3')
  assert.equal(textOf(again, 'a'), '1')
  again[Symbol.dispose]()
})

test('read() refuses a reader that outlives it, and work that is not done when it returns', async () => {
  await using engine = await openTestEngine(memoryPageStore({ database }))
  await engine.submit({ changes: [{ key: 'a', value: '1' }] })
  const leaked = engine.read((reader) => reader)
  assert.throws(() => leaked.get(1, 'a'), { code: 'ERR_ASSERTION' })
  const range = engine.read((reader) => reader.range(1))
  assert.throws(() => [...range], { code: 'ERR_ASSERTION' })
  assert.throws(() => engine.read(async () => 1), { code: 'ERR_ASSERTION' })
})

test('openEngine() makes the later one the owner: the earlier stops, and overwrites nothing', async () => {
  const disk = new MemoryDisk()
  await using earlier = await openTestEngine(memoryPageStore({ database }, disk))
  await earlier.submit({ changes: [{ key: 'a', value: '1' }] })
  earlier.verifyOwner()
  await using later = await openTestEngine(memoryPageStore({ database }, disk))
  await later.submit({ changes: [{ key: 'b', value: '2' }] })
  const before = disk.copy()
  const taken = { code: 'DataDirectoryTaken' }
  const both = [1, 2].map((i) => earlier.submit({ changes: [{ key: `late ${i}`, value: 'x' }] }))
  for (const each of both) await assert.rejects(each, taken)
  assert.deepEqual(disk, before)
  await assert.rejects(earlier.submit({ changes: [{ key: 'later', value: 'x' }] }), taken)
  assert.throws(() => earlier.verifyOwner(), taken)
  later.verifyOwner()
  await later.submit({ changes: [{ key: 'c', value: '3' }] })
  assert.deepEqual(keysOf(later), ['a', 'b', 'c'])
})

test('openEngine() takes over from an owner that commits meanwhile, with what it committed', async () => {
  const disk = new MemoryDisk()
  await using earlier = await openTestEngine(memoryPageStore({ database }, disk))
  const store = memoryPageStore({ database }, disk)
  const commit = store.commit.bind(store)
  let meanwhile = 3
  store.commit = async (change) => {
    if (meanwhile-- > 0) await earlier.submit({ changes: [{ key: `m${meanwhile}`, value: 'x' }] })
    return commit(change)
  }
  await using later = await openTestEngine(store)
  assert.deepEqual(keysOf(later), ['m0', 'm1', 'm2'])
  await later.submit({ changes: [{ key: 'n', value: 'y' }] })
  await assert.rejects(earlier.submit({ changes: [{ key: 'o', value: 'z' }] }), {
    code: 'DataDirectoryTaken',
  })
})

test('openEngine() gives up on an owner that always comes first', async () => {
  const disk = new MemoryDisk()
  await using earlier = await openTestEngine(memoryPageStore({ database }, disk))
  const store = memoryPageStore({ database }, disk)
  const commit = store.commit.bind(store)
  store.commit = async (change) => {
    await earlier.submit({ changes: [{ key: 'a', value: 'x' }] })
    return commit(change)
  }
  await assert.rejects(openTestEngine(store), { code: 'DataDirectoryTaken' })
  earlier.verifyOwner()
})

test('abandon() lets the commit under way end and begins no other', async () => {
  const disk = new MemoryDisk()
  const store = memoryPageStore({ database }, disk)
  const commit = store.commit.bind(store)
  await using engine = await openTestEngine(store)
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  store.commit = (change) => gate.then(() => commit(change))
  const first = engine.submit({ changes: [{ key: 'a', value: '1' }] })
  await turn()
  await turn()
  const second = engine.submit({ changes: [{ key: 'b', value: '2' }] })
  const abandoned = engine.abandon(new Error('over'))
  await assert.rejects(second, /over/)
  await assert.rejects(engine.submit({ changes: [{ key: 'c', value: '3' }] }), /over/)
  open()
  await abandoned
  await first
  assert.deepEqual(keysOf(engine), ['a'])
})

test('verifyOwner() tells an idle owner that it is none any more', async () => {
  const disk = new MemoryDisk()
  await using earlier = await openTestEngine(memoryPageStore({ database }, disk))
  await using later = await openTestEngine(memoryPageStore({ database }, disk))
  assert.throws(() => earlier.verifyOwner(), { code: 'DataDirectoryTaken' })
  await assert.rejects(earlier.submit({ changes: [{ key: 'a', value: '1' }] }), {
    code: 'DataDirectoryTaken',
  })
  later.verifyOwner()
})

test('openEngine() opens nothing with another key, and writes nothing', async () => {
  const disk = new MemoryDisk()
  await (await openTestEngine(memoryPageStore({ database }, disk))).close()
  const before = disk.copy()
  for (const sealer of [testSealer(Buffer.alloc(32, 1)), testPlainSealer()])
    await assert.rejects(openTestEngine(memoryPageStore({ database }, disk), { sealer }), {
      code: 'DatabaseDamaged',
      message: /"test".*sealed under another key/,
    })
  assert.deepEqual(disk, before)
})

test('openEngine() refuses what is older than the anchor, and writes nothing', async () => {
  const disk = new MemoryDisk()
  const engine = await openTestEngine(memoryPageStore({ database }, disk))
  await engine.submit({ changes: [{ key: 'a', value: '1' }] })
  const old = disk.copy()
  const oldPosition = engine.position
  await engine.submit({ changes: [{ key: 'a', value: '2' }] })
  const anchor = engine.position
  await engine.close()
  assert.equal(anchor.commit, oldPosition.commit + 1)

  const open = (on: MemoryDisk, known = anchor) =>
    openTestEngine(memoryPageStore({ database }, on), { anchor: known })
  const rolledBack = { code: 'DatabaseRolledBack' }
  const before = old.copy()
  await assert.rejects(open(old), rolledBack)
  await assert.rejects(open(new MemoryDisk()), rolledBack)
  await assert.rejects(open(disk, { ...anchor, rootTag: oldPosition.rootTag }), rolledBack)
  assert.deepEqual(old, before)
  await (await open(disk)).close()
  await using ahead = await open(disk)
  assert.equal(
    ahead.read((reader) => textOf(reader, 'a')),
    '2',
  )
})

test('close() waits for what was submitted, and refuses what comes later', async () => {
  const disk = new MemoryDisk()
  const engine = await openTestEngine(memoryPageStore({ database }, disk))
  const submitted = engine.submit({ changes: [{ key: 'a', value: '1' }] })
  const closed = engine.close()
  await submitted
  await closed
  await engine.close()
  await assert.rejects(engine.submit({ changes: [] }), { code: 'DatabaseClosed' })
  assert.throws(() => engine.read(() => 1), { code: 'DatabaseClosed' })
  assert.throws(() => engine.snapshot(), { code: 'DatabaseClosed' })
  await using again = await openTestEngine(memoryPageStore({ database }, disk))
  assert.deepEqual(keysOf(again), ['a'])
})

test('a range inside an apply shows what there was when it began', async () => {
  const seen: string[] = []
  await using engine = await openTestEngine(memoryPageStore({ database }), {
    *apply(writer, { changes }) {
      for (const { key } of changes) writer.put(1, key, Buffer.from('1'))
      yield
      for (const { key } of writer.range(1)) {
        seen.push(key)
        writer.delete(1, key)
        writer.put(1, `${key}+`, Buffer.from('2'))
      }
      return writer.count(1)
    },
  })
  assert.equal(await engine.submit({ changes: [{ key: 'a' }, { key: 'b' }] }), 2)
  assert.deepEqual(seen, ['a', 'b'])
  assert.deepEqual(keysOf(engine), ['a+', 'b+'])
})

test('openEngine() keeps values of every size, in an encrypted and in a plain database', async () => {
  const sizes = [0, 1, 3_900, 4_100, 8_128, 8_129, 65_024, 65_025, 3_000_000]
  for (const sealer of [testSealer, testPlainSealer]) {
    const disk = new MemoryDisk()
    const changes = sizes.map((size) => ({
      key: `k${size}`,
      value: Buffer.alloc(size, `${size} `),
    }))
    const engine = await openTestEngine(memoryPageStore({ database }, disk), { sealer: sealer() })
    await engine.submit({ changes })
    await engine.close()
    await using again = await openTestEngine(memoryPageStore({ database }, disk), {
      sealer: sealer(),
    })
    for (const { key, value } of changes)
      assert.deepEqual(
        again.read((reader) => reader.get(1, key)),
        value,
      )
  }
})

test('figures say what is stored, and count cache and commits', async () => {
  const disk = new MemoryDisk()
  await using engine = await openTestEngine(memoryPageStore({ database }, disk))
  await engine.submit({ changes: [{ key: 'a', value: 'x'.repeat(30_000) }] })
  engine.read((reader) => reader.get(1, 'a'))
  const { figures } = engine
  assert.equal(figures.pages, disk.slots.size)
  assert.equal(figures.commits, engine.position.commit)
  assert.equal(figures.sizeOnDiskBytes, disk.bytes)
  assert.equal(figures.sealedPages, figures.pages)
  assert.ok(figures.cacheHits > 0 && figures.openedPages >= 4 && figures.cachedPages > 0)
})
