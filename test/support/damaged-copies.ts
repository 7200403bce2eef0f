/** Data folders with one bit flipped in a database's file, and what a server makes of them. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { putBatch } from './api.ts'
import { copyFolder, createAndFind } from './data-folder.ts'
import { temporaryFolder } from './file-tree.ts'
import { readAll, readOrError, type Sent } from './reading.ts'
import { realDocuments } from './real-documents.ts'
import { type Seeded, seeded } from './seeded.ts'
import { startServer } from './server-process.ts'

/** Damages a file in place and says how. */
export type Flip = (file: string, random: Seeded) => string

const victims: readonly Sent[] = [...realDocuments({ seed: 5, count: 300, largeEvery: 100_000 })]
const others: readonly Sent[] = [...realDocuments({ seed: 6, count: 20, largeEvery: 100_000 })]

export interface Original extends Disposable {
  readonly folder: string
  /** The file to damage, relative to a data folder. */
  readonly dataFile: string
}

/** A stopped server's data folder with a database to damage and one that must go on serving. */
export async function makeOriginal(): Promise<Original> {
  const folder = temporaryFolder('bit-flips')
  const original = path.join(folder.path, 'original')
  await using server = await startServer({ folder: original })
  await using admin = server.caller()
  const dataFile = await createAndFind(admin, original, 'victim')
  await createAndFind(admin, original, 'bystander')
  for (let from = 0; from < victims.length; from += 30)
    await putBatch(admin, 'victim', victims.slice(from, from + 30))
  await putBatch(admin, 'bystander', others)
  assert.equal(await server.stop(), 0)
  return { folder: folder.path, dataFile, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

/** Tries so many copies, two at a time; resolves with the number of those in which reading met damage. */
export async function tryCopies(
  original: Original,
  { flip, seed, copies }: { readonly flip: Flip; readonly seed: number; readonly copies: number },
): Promise<number> {
  const turns = Array.from({ length: copies }, (_, turn) => turn)
  let noticed = 0
  const worker = async (): Promise<void> => {
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift())
      if ((await damaged(original, flip, seed + turn)) > 0) noticed++
  }
  await Promise.all([worker(), worker()])
  return noticed
}

/** Reads all of one damaged copy; resolves with the number of documents that gave errors. */
async function damaged(original: Original, flip: Flip, seed: number): Promise<number> {
  const copy = path.join(original.folder, `copy-${seed}`)
  copyFolder(path.join(original.folder, 'original'), copy)
  const what = `seed ${seed}, ${flip(path.join(copy, original.dataFile), seeded(seed))}`
  try {
    await using server = await startServer({ folder: copy })
    await using admin = server.caller()
    await readAll(admin, 'bystander', others)
    const errors = await readOrError(admin, 'victim', victims)
    await readAll(admin, 'bystander', others)
    assert.ok(server.alive, 'the server is dead')
    return errors
  } catch (error) {
    throw new Error(`Damaged copy (${what})`, { cause: error })
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
