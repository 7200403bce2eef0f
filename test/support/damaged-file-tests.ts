/**
 * Every damage to every file of a data folder, of a server that runs and of one that was stopped: a coded error or the right data, and
 * no process that ends by a signal.
 */
import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { docsPath, isCoded, putDocument } from './api.ts'
import type { Caller } from './caller.ts'
import { copyFolder, createAndFind } from './data-folder.ts'
import { type FileDamage, fileDamages } from './file-damage.ts'
import { temporaryFolder } from './file-tree.ts'
import { readAll } from './reading.ts'
import { seeded } from './seeded.ts'
import { type ServerProcess, spawnServer, startServer } from './server-process.ts'

export interface DamagedFileTests {
  readonly seed: number
  /** Of the damages to each file of the databases, and of those to the files that a start needs; all where left out. */
  readonly databases?: number
  readonly starts?: number
}

const kept = { id: 'a/kept', text: `{"text":"${'kept '.repeat(9_000)}"}` }
const databaseFiles = ['pages.mdb', 'pages.mdb-lock']
const startFiles = [
  'data/system/pages.mdb',
  'data/system/pages.mdb-lock',
  'data/system/store.key',
  'keys/master.key',
]

interface Victim {
  readonly database: string
  /** Relative to the data folder. */
  readonly file: string
  readonly damage: FileDamage
}

export function damagedFileTests({ seed, databases, starts }: DamagedFileTests): void {
  const random = seeded(seed)
  const chosen = (files: readonly string[], count = Number.POSITIVE_INFINITY) => {
    const all = files.flatMap((file) => fileDamages.map((damage) => ({ file, damage })))
    const shuffled = all.map((one) => ({ one, at: random.real() })).sort((a, b) => a.at - b.at)
    return shuffled.slice(0, count).map(({ one }) => one)
  }

  test('a damaged file of a database is a coded error or no matter, in a running server and at the next start, and all others are served', async () => {
    using folder = temporaryFolder('damaged-files')
    const victims: Victim[] = []
    {
      await using server = await startServer({ folder: folder.path })
      await using admin = server.caller()
      const bystander = await create(admin, folder.path, 'bystander')
      for (const [index, { file, damage }] of chosen(databaseFiles, databases).entries()) {
        const database = `victim-${index}`
        const pages = await create(admin, folder.path, database)
        victims.push({ database, file: path.join(path.dirname(pages), file), damage })
      }
      for (const { file, damage } of victims) {
        const other = path.join(folder.path, path.dirname(bystander), path.basename(file))
        damage.do(path.join(folder.path, file), { random, other })
      }
      await assertHarmless(server, admin, victims)
      await sleep(1_500)
      await assertHarmless(server, admin, victims)
      assert.equal(await server.stop(), 0, server.log().slice(-2_000))
    }
    await using server = await startServer({ folder: folder.path })
    await using admin = server.caller()
    await assertHarmless(server, admin, victims)
  })

  test('a damaged file that a start needs is a coded error, or the server serves as before', async () => {
    using folder = temporaryFolder('damaged-starts')
    const [original, foreign] = ['original', 'foreign'].map((name) => path.join(folder.path, name))
    assert(original !== undefined && foreign !== undefined)
    for (const place of [original, foreign]) {
      await using server = await startServer({ folder: place })
      await using admin = server.caller()
      await create(admin, place, 'bystander')
      assert.equal(await server.stop(), 0)
    }
    for (const { file, damage } of chosen(startFiles, starts)) {
      const copy = path.join(folder.path, 'copy')
      copyFolder(original, copy)
      cpSync(path.join(original, 'certificates'), path.join(copy, 'certificates'), {
        recursive: true,
      })
      damage.do(path.join(copy, file), { random, other: path.join(foreign, file) })
      await assertCodedOrServing(copy, `${file} ${damage.name}`)
      rmSync(copy, { recursive: true, force: true })
    }
  })
}

async function create(admin: Caller, folder: string, name: string): Promise<string> {
  const pages = await createAndFind(admin, folder, name)
  await putDocument(admin, name, kept)
  return pages
}

async function assertHarmless(
  server: ServerProcess,
  admin: Caller,
  victims: readonly Victim[],
): Promise<void> {
  for (const { database, file, damage } of victims) {
    const what = `${path.basename(file)} of ${database} ${damage.name}`
    const read = await admin.get(docsPath(database, kept.id)).catch((error: unknown) => {
      throw new Error(`${what}: ${server.child.signalCode}`, { cause: error })
    })
    if (read.status === 200) assert.ok(read.text.includes('kept kept'), what)
    else assert.ok(isCoded(read), `${what}: ${read.status} ${read.text.slice(0, 300)}`)
    const written = await admin.put(docsPath(database, 'a/new'), '{"a":1}')
    assert.ok(written.status === 201 || isCoded(written), `${what}: ${written.text.slice(0, 300)}`)
    assert.ok(server.alive, `${what}: ${server.child.signalCode}`)
  }
  await readAll(admin, 'bystander', [kept])
  await putDocument(admin, 'bystander', { id: 'a/new', text: '{"a":1}' })
}

/** Starts on the folder: either it ends with its coded line, or it serves what was there. */
async function assertCodedOrServing(folder: string, what: string): Promise<void> {
  const { child, texts, ended } = spawnServer({ folder })
  const isUp = new Promise<boolean>((resolve) => {
    child.stdout.on('data', () => resolve(true))
    void ended.then(() => resolve(false))
  })
  if (await isUp) {
    child.kill('SIGTERM')
    await ended
  } else assert.match(texts.log, /^[A-Z][A-Za-z]+: Cannot /m, `${what}: ${child.signalCode}`)
  assert.equal(child.signalCode, null, `${what}: ${texts.log.slice(-1_000)}`)
  assert.ok(readFileSync(path.join(folder, 'certificates', 'admin.pfx')).length > 0)
}
