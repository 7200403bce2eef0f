import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { FileWatch, fileMark, steadyLook } from '#shared/file-watch.ts'

interface Seen {
  readonly taken: readonly string[]
  readonly refused: readonly unknown[]
  readonly removed: readonly true[]
  readonly path: string
  readonly look: () => Promise<void>
}

/** Follows one file that begins as `first`; `damaged` does not load. */
async function watching(work: (seen: Seen) => Promise<void>, everyMs = 1_000_000) {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-watch-'))
  const path = join(folder, 'file')
  await writeFile(path, 'first')
  const seen = { taken: [] as string[], refused: [] as unknown[], removed: [] as true[], path }
  const files = { mark: () => fileMark([path]), load: () => textOf(path) }
  const watch = new FileWatch(
    {
      ...files,
      take: (text) => void seen.taken.push(text),
      refused: (error) => void seen.refused.push(error),
      removed: () => void seen.removed.push(true),
      everyMs,
    },
    (await steadyLook(files)).mark,
  )
  try {
    await work({ ...seen, look: () => watch.look() })
  } finally {
    await watch[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  }
}

async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8')
  if (text === 'damaged') throw new Error(text)
  return text
}

test('FileWatch takes a changed content once, and one that stayed not at all', () =>
  watching(async ({ taken, path, look }) => {
    await look()
    assert.deepEqual(taken, [])
    await writeFile(path, 'second')
    await look()
    await look()
    assert.deepEqual(taken, ['second'])
  }))

test('FileWatch refuses a damaged one once, waits while it is missing, and takes the next good one', () =>
  watching(async ({ taken, refused, path, look }) => {
    await writeFile(path, 'damaged')
    await look()
    await look()
    assert.deepEqual([taken.length, refused.length], [0, 1])
    await rm(path)
    await look()
    assert.equal(refused.length, 1)
    await writeFile(path, 'second')
    await look()
    assert.deepEqual(taken, ['second'])
  }))

test('FileWatch looks by itself', () =>
  watching(async ({ taken, path }) => {
    await writeFile(path, 'second')
    for (let turn = 0; turn < 100 && taken.length === 0; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(taken.length, 1)
  }, 10))

test('steadyLook() reads again what changed while it was read', async () => {
  const marks = ['a', 'b', 'b', 'b']
  let loads = 0
  const look = await steadyLook({
    mark: async () => marks.shift() ?? 'b',
    load: async () => `load ${++loads}`,
  })
  assert.deepEqual(look, { mark: 'b', content: 'load 2' })
})

test('steadyLook() says nothing of a failure that a change explains, and why the files do not load where they hold still', async () => {
  const marks = ['old', 'new', 'new', 'new']
  let loads = 0
  const mark = async () => marks.shift() ?? 'new'
  const load = async () => {
    loads += 1
    if (loads === 1) throw new Error('the old folder is gone')
    return 'content'
  }
  assert.deepEqual(await steadyLook({ mark, load }), { mark: 'new', content: 'content' })
  const failing = await steadyLook({ mark, load: () => Promise.reject(new Error('damaged')) })
  assert.match(String(failing.error), /damaged/)
})

test('steadyLook() gives up on files that never hold still, and loads none that are missing', async () => {
  let turns = 0
  const restless = await steadyLook({ mark: async () => `${++turns}`, load: async () => 'half' })
  assert.deepEqual(restless, { mark: '' })
  const missing = await steadyLook({ mark: async () => '', load: () => assert.fail('loaded') })
  assert.deepEqual(missing, { mark: '' })
})

test('fileMark() is empty while a file is missing', async () => {
  assert.equal(await fileMark([import.meta.filename, '/nonexistent']), '')
  assert.notEqual(await fileMark([import.meta.filename]), '')
})

test('FileWatch reports a file that is missing at two looks once, and takes it when it comes back', () =>
  watching(async ({ taken, removed, path, look }) => {
    await rm(path)
    await look()
    assert.equal(removed.length, 0)
    for (let times = 0; times < 4; times += 1) await look()
    assert.equal(removed.length, 1)
    await writeFile(path, 'first')
    await look()
    assert.deepEqual(taken, ['first'])
  }))

test('FileWatch does not take a file that was missing at one look for removed', () =>
  watching(async ({ removed, path, look }) => {
    for (let times = 0; times < 3; times += 1) {
      await rm(path)
      await look()
      await writeFile(path, `again ${times}`)
      await look()
    }
    assert.equal(removed.length, 0)
  }))
