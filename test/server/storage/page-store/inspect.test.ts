import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { pagesFile } from '#server/storage/page-store/files.ts'
import { inspectPages, peekRoot, peekValue } from '#server/storage/page-store/inspect.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { openTestEngine, temporaryFolder } from '#test/support/storage.ts'

const database = 'test'
const pageBytes = 8192

/** Grows, shrinks and grows again, so that LMDB has branches, free lists of every kind, and blocks of free pages. */
async function churn(folder: string, rounds: number, each: () => Promise<void>): Promise<void> {
  await using engine = await openTestEngine(openLmdbPageStore({ folder, database }))
  for (let round = 0; round < rounds; round += 1) {
    const held = round % 5 === 2 ? engine.snapshot() : undefined
    const changes = Array.from({ length: 300 }, (_, i) => {
      const key = `k${(i * 7919 + round * 104_729) % 4_000}`
      return (i + round) % 3 === 0 ? { key } : { key, value: Buffer.alloc((i * i * 17) % 6_000) }
    })
    await engine.submit({ changes })
    if (round % 7 === 6) held?.[Symbol.dispose]()
    await each()
  }
}

test('inspectPages() has nothing against whatever LMDB writes', async () => {
  await using folder = await temporaryFolder()
  const inspect = () => inspectPages({ folder: folder.path, database })
  await inspect()
  await churn(folder.path, 25, inspect)
  await inspect()
})

test('inspectPages() does not mind a process that writes meanwhile', async () => {
  await using folder = await temporaryFolder()
  await churn(folder.path, 3, async () => undefined)
  const inspections: Promise<void>[] = []
  await churn(folder.path, 8, async () => {
    inspections.push(inspectPages({ folder: folder.path, database }))
  })
  await Promise.all(inspections)
})

/** Kinds of damage: where to write, and what inspectPages() says about it. */
const damages: readonly {
  readonly name: string
  readonly change: (file: Buffer) => void
  readonly says: RegExp
}[] = [
  {
    name: 'a meta page without its mark',
    change: (file) => file.writeUInt32LE(1, 24),
    says: /meta page 0 is not one/,
  },
  {
    name: 'a meta page that names an impossible size',
    change: (file) => forEachMeta(file, (at) => file.writeUInt32LE(1, at + 24 + 124)),
    says: /meta page 0 names impossible sizes/,
  },
  {
    name: 'a root behind the end',
    change: (file) => forEachMeta(file, (at) => file.writeUInt32LE(0xfff_ffff, at + 24 + 112)),
    says: /behind the end of the file/,
  },
  {
    name: 'a file cut short',
    change: (file) => file.fill(0, file.length - 40 * pageBytes),
    says: /is another one than its reference says/,
  },
  {
    name: 'a page from a transaction to come',
    change: (file) => file.writeUInt8(0x80, pageOf(file, 2) + 8 + 5),
    says: /from a transaction that has not been yet/,
  },
  {
    name: 'a leaf with broken bounds',
    change: (file) => file.writeUInt16LE(0xfffe, pageOf(file, 2) + 20),
    says: /has broken bounds/,
  },
  {
    name: 'a leaf with an entry outside of it',
    change: (file) => file.writeUInt16LE(0x1fff, pageOf(file, 2) + 24),
    says: /has an entry outside of it/,
  },
  {
    name: 'a branch that leads back to itself',
    change: (file) => {
      const at = pageOf(file, 1)
      const node = at + 24 + file.readUInt16LE(at + 24)
      file.writeUInt32LE(at / pageBytes, node)
      file.writeUInt16LE(0, node + 4)
    },
    says: /is used twice|is another one/,
  },
  {
    name: 'a value of another length',
    change: (file) => {
      const at = pageOf(file, 2)
      const node = at + 24 + file.readUInt16LE(at + 24 + 2)
      file.writeUInt32LE(0x7fff_ffff, node)
    },
    says: /broken entry|impossible length/,
  },
]

for (const { name, change, says } of damages)
  test(`inspectPages() finds ${name}`, async () => {
    await using folder = await temporaryFolder()
    await churn(folder.path, 4, async () => undefined)
    const path = join(folder.path, pagesFile)
    const file = await readFile(path)
    change(file)
    await writeFile(path, file)
    await assert.rejects(inspectPages({ folder: folder.path, database }), {
      code: 'DatabaseDamaged',
      message: new RegExp(`"test".*structure of pages.mdb is broken.*(${says.source})`),
    })
  })

test('inspectPages() refuses a file of any length that cuts off what it is about', async () => {
  await using folder = await temporaryFolder()
  await churn(folder.path, 2, async () => undefined)
  const path = join(folder.path, pagesFile)
  const file = await readFile(path)
  const lengths = [1, 2, 23, 24, 511, 4095, 4096, 8191, 8192, 8193, 16_383, 16_384, 20_000, 40_960]
  for (const length of lengths) {
    for (const content of [
      file.subarray(0, length),
      Buffer.alloc(length),
      Buffer.alloc(length, 0xff),
    ]) {
      await writeFile(path, content)
      await assert.rejects(inspectPages({ folder: folder.path, database }), {
        code: 'DatabaseDamaged',
      })
      assert.throws(() => peekRoot({ folder: folder.path, database }), { code: 'DatabaseDamaged' })
    }
  }
})

test('inspectPages() takes memory by what is in a file, not by the length that it claims', async () => {
  await using folder = await temporaryFolder()
  await churn(folder.path, 2, async () => undefined)
  const path = join(folder.path, pagesFile)
  await truncate(path, 2 ** 41)
  const before = process.memoryUsage().arrayBuffers
  await inspectPages({ folder: folder.path, database })
  assert.ok(process.memoryUsage().arrayBuffers - before < 100_000_000)
})

test('inspectPages() and peekRoot() refuse what is no plain file, and wait for nobody', async () => {
  await using folder = await temporaryFolder()
  await churn(folder.path, 1, async () => undefined)
  const path = join(folder.path, pagesFile)
  await rename(path, `${path}.moved`)
  const socket = createServer()
  const places: readonly (() => Promise<unknown> | unknown)[] = [
    () => symlink(`${path}.moved`, path),
    () => mkdir(path),
    () => once(socket.listen(path), 'listening'),
  ]
  for (const place of places) {
    await place()
    const where = { folder: folder.path, database }
    await assert.rejects(inspectPages(where), { code: 'DataFileForeign' })
    assert.throws(() => peekRoot(where), { code: 'DataFileForeign' })
    await rm(path, { recursive: true })
  }
  socket.close()
})

test('peekRoot() and peekValue() read what LMDB wrote, while it goes on writing', async () => {
  await using folder = await temporaryFolder()
  const where = { folder: folder.path, database }
  assert.equal(peekRoot(where), undefined)
  const store = openLmdbPageStore(where)
  await using engine = await openTestEngine(store)
  for (let round = 0; round < 12; round += 1) {
    const changes = Array.from({ length: 150 }, (_, i) => ({
      key: `k${i}`,
      value: `${round}`.repeat(900),
    }))
    await engine.submit({ changes })
    assert.deepEqual(peekRoot(where), store.readRoot())
    for (const page of [...store.pages()].slice(0, 40))
      assert.deepEqual(peekValue(where, page), Buffer.from(store.read(page) as Buffer))
    assert.equal(peekValue(where, 999_999), undefined)
  }
})

function forEachMeta(_: Buffer, change: (at: number) => void): void {
  for (const page of [0, 1]) change(page * pageBytes)
}

/** The page of the current state with this kind that was written last. */
function pageOf(file: Buffer, kind: number): number {
  let newest = 0
  let transaction = -1
  for (let at = 2 * pageBytes; at < file.length; at += pageBytes) {
    const written = file.readUInt32LE(at + 8)
    const isKind = file.readUInt16LE(at + 18) === kind && file.readUInt32LE(at) === at / pageBytes
    if (!isKind || written <= transaction || file.readUInt16LE(at + 20) < 4) continue
    transaction = written
    newest = at
  }
  assert.ok(newest > 0, 'there is such a page')
  return newest
}
