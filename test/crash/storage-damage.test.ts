import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { pagesFile } from '#server/storage/page-store/files.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { openTestEngine, temporaryFolder } from '#test/support/storage.ts'
import { documentsIn, type Outcome } from './storage-documents.ts'

const seed = Number(process.env.STORAGE_SEED ?? 1)
const copies = Number(process.env.STORAGE_COPIES ?? 60)
const pageBytes = 8192

test('a flipped bit anywhere in the file is a coded error or does no harm', async () => {
  await assertHarmless((file, random) => Math.floor(random() * file.length))
})

test("a flipped bit in LMDB's own structures is a coded error or does no harm", async () => {
  await assertHarmless((file, random) => {
    const own = ownBytes(file)
    return own[Math.floor(random() * own.length)] as number
  })
})

/** Flips one bit in each of many copies, and lets a child use each of them. */
async function assertHarmless(
  position: (file: Buffer, random: () => number) => number,
): Promise<void> {
  await using root = await temporaryFolder()
  const original = join(root.path, 'original')
  await writeDatabase(original)
  const file = await readFile(join(original, pagesFile))
  const random = randomFrom(seed)
  const flips = new Map<string, string>()
  for (let i = 0; i < copies; i += 1) {
    const at = position(file, random)
    const bit = Math.floor(random() * 8)
    const folder = join(root.path, `copy-${i}`)
    await cp(original, folder, { recursive: true })
    const damaged = Buffer.from(file)
    damaged[at] = (damaged[at] as number) ^ (1 << bit)
    await writeFile(join(folder, pagesFile), damaged)
    flips.set(folder, `byte ${at % pageBytes} of page ${Math.floor(at / pageBytes)}, bit ${bit}`)
  }
  const outcomes = await survive([...flips.keys()])
  const counts = Object.groupBy(outcomes, ({ outcome }) => outcome)
  const summary = Object.entries(counts).map(([outcome, list]) => `${list?.length} ${outcome}`)
  console.log(`${copies} copies, seed ${seed}: ${summary.join(', ')}`)
  const harmed = outcomes.filter(({ outcome }) => !['right', 'DatabaseDamaged'].includes(outcome))
  assert.deepEqual(
    harmed.map((outcome) => ({ ...outcome, flip: flips.get(outcome.folder) })),
    [],
  )
}

async function writeDatabase(folder: string): Promise<void> {
  await using engine = await openTestEngine(openLmdbPageStore({ folder, database: 'test' }))
  const changes = [...documentsIn()].map(([key, value]) => ({ key, value }))
  // Twice and in parts, so that there are free pages, and pages of many commits.
  for (const round of [0, 1])
    for (let at = 0; at < changes.length; at += 100 + round)
      await engine.submit({ changes: changes.slice(at, at + 100 + round) })
}

/** Positions of all bytes that LMDB wrote for itself. */
function ownBytes(file: Buffer): number[] {
  const positions: number[] = []
  for (let page = 0; page * pageBytes < file.length; page += 1) {
    const isOwn = (file.readUInt16LE(page * pageBytes + 18) & 11) !== 0
    const end = isOwn ? pageBytes : 24
    for (let i = 0; i < end; i += 1)
      if (file[page * pageBytes + i] !== 0) positions.push(page * pageBytes + i)
  }
  return positions
}

/** Outcomes for all folders; a child that dies counts against the folder it had begun, and another child goes on behind it. */
async function survive(folders: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  while (outcomes.length < folders.length) {
    const left = folders.slice(outcomes.length)
    const script = join(import.meta.dirname, 'storage-child.ts')
    const child = spawn(process.execPath, [script, 'survive', ...left], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let begun: string | undefined
    for await (const line of createInterface({ input: child.stdout })) {
      const said: Outcome & { began?: boolean } = JSON.parse(line)
      begun = said.began ? said.folder : undefined
      if (!said.began) outcomes.push(said)
    }
    if (begun !== undefined)
      outcomes.push({ folder: begun, outcome: `died (${child.signalCode ?? child.exitCode})` })
    assert.ok(begun !== undefined || outcomes.length === folders.length, 'the child says something')
  }
  return outcomes
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
