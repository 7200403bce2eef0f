/** Applying write-sets, on the plain map and on sealed trees. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { collections, totals } from '#server/database/collections.ts'
import { document, newestKeys } from '#server/database/documents.ts'
import { identities } from '#server/database/identities.ts'
import { trees } from '#server/database/tables.ts'
import type { Command, PutCommand, PutOutcome } from '#server/database/write-set.ts'
import { tombstonesMax } from '#server/limits.ts'
import { type DocumentEngine, databaseId, documentEngines } from '#test/support/database-app.ts'

function put(id: string, more: Partial<PutCommand> = {}): PutCommand {
  const body = Buffer.from('{"a":1}')
  const text = { collection: '@empty', metadata: Buffer.alloc(0), body, bodyIsEmpty: false }
  return { kind: 'put', id, ...text, ...more }
}

function version(etag: number): string {
  return `A:${etag}-${databaseId}`
}

for (const [name, open] of Object.entries(documentEngines)) {
  const check = (what: string, work: (engine: DocumentEngine) => Promise<void>) =>
    test(`documentApply() ${what} (${name})`, async (context: TestContext) => {
      const engine = await open()
      context.after(() => engine.close())
      await work(engine)
    })
  const submit = (engine: DocumentEngine, ...commands: Command[]) =>
    engine.submit({ now: 1_000, commands })

  check('remembers the newest deletions only, and counts them right', async (engine) => {
    const ids = Array.from({ length: 2_000 }, (_, i) => `d/${i}`)
    for (let round = 0; round * ids.length < tombstonesMax + 4_000; round += 1) {
      const names = ids.map((id) => `${id}-${round}`)
      await submit(engine, ...names.map((id) => put(id)))
      await submit(engine, ...names.map((id): Command => ({ kind: 'delete', id })))
    }
    engine.read((reader) => {
      assert.deepEqual(totals(reader), { documents: 0, tombstones: tombstonesMax })
      assert.equal(reader.count(trees.tombstones), tombstonesMax)
      assert.equal(reader.count(trees.tombstoneEtags), tombstonesMax)
      assert.equal(reader.get(trees.tombstones, 'd/0-0'), undefined)
      assert.ok(reader.get(trees.tombstones, 'd/1999-6'))
    })
  })

  check('gives etags one by one and completes ids', async (engine) => {
    const commands = [put('a'), put('orders/'), put('orders|'), put('ORDERS|')]
    const outcomes = (await submit(engine, ...commands)) as PutOutcome[]
    assert.deepEqual(
      outcomes.map(({ id, etag }) => [id, etag]),
      [
        ['a', 1],
        ['orders/0000000000000000002-A', 2],
        ['orders/1', 3],
        ['ORDERS/2', 4],
      ],
    )
    const stored = engine.read((reader) => document(reader, 'Orders/2'))
    assert.deepEqual([stored?.id, stored?.etag, stored?.lastModified], ['ORDERS/2', 4, 1_000])
  })

  check('checks versions, and leaves nothing of a set that fails', async (engine) => {
    await submit(engine, put('a'))
    const refused: readonly Command[] = [
      put('a', { expected: '' }),
      put('a', { expected: version(9) }),
      put('b', { expected: version(1) }),
      { kind: 'delete', id: 'a', expected: '' },
      { kind: 'delete', id: 'a', expected: version(9) },
      { kind: 'delete', id: 'b', expected: '' },
      put('a', { collection: 'Users' }),
      put('x\0'),
    ]
    for (const command of refused) {
      await assert.rejects(submit(engine, put('c'), put('c|'), command), { name: 'CodedError' })
    }
    engine.read((reader) => {
      assert.deepEqual([...newestKeys(reader)], ['a'])
      assert.deepEqual(identities(reader), [])
      assert.equal(reader.lastEtag, 1)
      assert.deepEqual(totals(reader), { documents: 1, tombstones: 0 })
    })
    await submit(engine, put('A', { expected: version(1) }), put('b', { expected: '' }))
    await submit(engine, { kind: 'delete', id: 'a', expected: version(2) })
    assert.deepEqual(
      engine.read((reader) => [...newestKeys(reader)]),
      ['b'],
    )
  })

  check('sees what came before in the same set', async (engine) => {
    await submit(engine, put('a'), put('a', { expected: version(1) }), { kind: 'delete', id: 'A' })
    await assert.rejects(submit(engine, put('b'), put('B', { expected: '' })), {
      code: 'ConcurrencyConflict',
    })
    assert.deepEqual(
      engine.read((reader) => [...newestKeys(reader)]),
      [],
    )
  })

  check('keeps a hilo document that a client wrote itself', async (engine) => {
    const own = { collection: 'Docs', body: Buffer.from('{"Max":40,"Note":1}') }
    await submit(engine, put('Raven/Hilo/users', own))
    const next = { kind: 'hilo-next', tag: 'USERS', lastSize: 0, lastMax: 0 } as const
    const [range] = await submit(engine, next)
    assert.deepEqual(range, { kind: 'hilo', low: 41, high: 72, at: 1_000 })
    await submit(engine, { kind: 'hilo-return', tag: 'users', end: 72, last: 50 })
    await submit(engine, { kind: 'hilo-return', tag: 'users', end: 72, last: 5 })
    const stored = engine.read((reader) => document(reader, 'Raven/Hilo/users'))
    assert.deepEqual(
      [stored?.id, stored?.body.toString()],
      ['Raven/Hilo/users', '{"Max":50,"Note":1}'],
    )
    const names = engine.read(collections).map((collection) => collection.name)
    assert.deepEqual(names, ['Docs'])
  })

  check('does what a model of it does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(commands, { maxLength: 6 }), { maxLength: 12 }),
        async (sets) => {
          const engine = await open()
          const model = new Model()
          for (const [index, set] of sets.entries()) {
            const writeSet = { now: index, commands: set.map(commandOf) }
            const expected = model.apply(writeSet.commands)
            // A clone, as a log would give it back: plain data is all there is.
            const got = await engine.submit(structuredClone(writeSet)).catch(() => 'refused')
            assert.equal(got === 'refused', expected === 'refused')
          }
          engine.read((reader) => assert.deepEqual(stateOf(reader), model.state()))
          await engine.close()
        },
      ),
      { numRuns: name === 'map' ? 300 : 60 },
    )
  })
}

const commands = fc.record({
  remove: fc.boolean(),
  id: fc.constantFrom('a', 'A', 'b', 'users/1', 'Users/1', 'x/'),
  collection: fc.constantFrom('One', 'one', 'Two'),
  expected: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    '',
    version(1),
    version(2),
    version(3),
  ),
})

type Drawn = typeof commands extends fc.Arbitrary<infer T> ? T : never

function commandOf({ remove, id, collection, expected }: Drawn): Command {
  const expectation = expected === undefined ? {} : { expected }
  if (remove) return { kind: 'delete', id, ...expectation }
  return put(id, { collection, ...expectation })
}

interface Kept {
  readonly etag: number
  readonly collection: string
}

/** The same rules in the shortest way. */
class Model {
  #documents = new Map<string, Kept>()
  #tombstones = new Map<string, Kept>()
  #etag = 0

  apply(set: readonly Command[]): 'applied' | 'refused' {
    const before = [new Map(this.#documents), new Map(this.#tombstones), this.#etag] as const
    if (set.every((command) => this.#one(command))) return 'applied'
    ;[this.#documents, this.#tombstones, this.#etag] = before
    return 'refused'
  }

  #one(command: Command): boolean {
    if (command.kind !== 'put' && command.kind !== 'delete') return false
    const isPut = command.kind === 'put'
    if (isPut) this.#etag += 1
    const id =
      command.id.endsWith('/') && isPut ? `x/${String(this.#etag).padStart(19, '0')}-A` : command.id
    const key = id.toLowerCase()
    const there = this.#documents.get(key)
    if (command.expected !== undefined) {
      if (command.expected !== (there === undefined ? '' : version(there.etag))) return false
      if (there === undefined && !isPut) return false
    }
    if (!isPut) {
      if (there === undefined) return true
      this.#etag += 1
      this.#documents.delete(key)
      this.#tombstones.set(key, { etag: this.#etag, collection: there.collection })
      return true
    }
    const collection = command.collection.toLowerCase()
    if (there !== undefined && there.collection !== collection) return false
    this.#tombstones.delete(key)
    this.#documents.set(key, { etag: this.#etag, collection })
    return true
  }

  state(): unknown {
    const etags = (kept: Map<string, Kept>) =>
      [...kept].map(([key, { etag }]) => [etag, key] as const).sort(([one], [two]) => one - two)
    const counts = (kept: Map<string, Kept>, name: string) =>
      [...kept.values()].filter(({ collection }) => collection === name).length
    const names = ['one', 'two'].filter((name) => counts(this.#documents, name) > 0)
    return {
      lastEtag: this.#etag,
      documents: etags(this.#documents),
      tombstones: etags(this.#tombstones),
      collections: names
        .map((name) => [name, counts(this.#documents, name), counts(this.#tombstones, name)])
        .sort(),
      inCollections: this.#documents.size,
    }
  }
}

function stateOf(reader: Parameters<typeof document>[0]): unknown {
  const etagsIn = (tree: number) =>
    [...reader.range(tree)].map(({ key, value }) => [
      Number(Buffer.from(key, 'latin1').readBigUInt64BE()),
      value.toString('latin1'),
    ])
  const documents = etagsIn(trees.etags)
  for (const [etag, key] of documents) {
    assert.equal(document(reader, String(key))?.etag, etag)
  }
  assert.equal([...reader.range(trees.documents)].length, documents.length)
  assert.equal([...reader.range(trees.tombstones)].length, etagsIn(trees.tombstoneEtags).length)
  return {
    lastEtag: reader.lastEtag,
    documents,
    tombstones: etagsIn(trees.tombstoneEtags),
    collections: collections(reader)
      .map(({ name, documents: count, tombstones }) => [name.toLowerCase(), count, tombstones])
      .sort(),
    inCollections: [...reader.range(trees.collectionEtags)].length,
  }
}
