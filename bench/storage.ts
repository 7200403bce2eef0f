/**
 * The sealed engine against plain LMDB, in turns in one run: the same documents, the same four trees, the same durability.
 *
 * `node bench/storage.ts [--json] [--documents=20000]`. Ratios: above 1 is better than LMDB. Prints no verdict.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { encryptedEngine } from './storage/encrypted-engine.ts'
import { plainLmdb } from './storage/plain-lmdb.ts'
import { documentAt, type Subject } from './storage/subject.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, documents: { type: 'string', default: '20000' } },
})
const documents = Number(values.documents)

interface Measure {
  readonly what: string
  readonly unit: string
  readonly floor: number
  readonly goal: number
  /** Bigger is better. */
  readonly run: (subject: Subject) => Promise<number>
}

const batch = 1_000
const singlePuts = 150
const writers = 64
const concurrentPuts = 6_400
const hotGets = 200_000
const missedGets = 10_000

const measures: readonly Measure[] = [
  { what: `bulk load, ${batch} a batch`, unit: 'documents/s', floor: 0.6, goal: 0.9, run: load },
  { what: 'single durable put, p50', unit: '1/ms', floor: 1, goal: 2, run: single },
  { what: `${writers} writers`, unit: 'puts/s', floor: 0.7, goal: 1, run: concurrent },
  { what: 'get, cached', unit: 'gets/s', floor: 0.7, goal: 1, run: hot },
  {
    what: 'get, not cached by us, in the cache of the system',
    unit: 'gets/s',
    floor: 0.1,
    goal: 0.2,
    run: missed,
  },
  { what: 'file size', unit: '1/MB', floor: 1 / 1.2, goal: 1 / 0.9, run: size },
]

async function load(subject: Subject): Promise<number> {
  const started = performance.now()
  for (let at = 0; at < documents; at += batch)
    await subject.put(Array.from({ length: batch }, (_, i) => documentAt(at + i, 0)))
  return (documents / (performance.now() - started)) * 1_000
}

async function single(subject: Subject): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < singlePuts; i += 1) {
    const started = performance.now()
    await subject.put([documentAt((i * 7_919) % documents, 1)])
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  return 1 / (times[Math.floor(times.length / 2)] ?? Number.NaN)
}

async function concurrent(subject: Subject): Promise<number> {
  const started = performance.now()
  let next = 0
  const writer = async (): Promise<void> => {
    while (next < concurrentPuts) {
      next += 1
      await subject.put([documentAt((next * 104_729) % documents, 2)])
    }
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return (concurrentPuts / (performance.now() - started)) * 1_000
}

async function hot(subject: Subject): Promise<number> {
  return gets(subject, hotGets, documents / 10)
}

async function missed(subject: Subject): Promise<number> {
  await subject.forget()
  return gets(subject, missedGets, documents)
}

function gets(subject: Subject, count: number, among: number): number {
  const started = performance.now()
  let bytes = 0
  for (let i = 0; i < count; i += 1) bytes += subject.get(documentAt((i * 7_919) % among, 0).id)
  if (bytes < count) throw new Error('documents are missing')
  return (count / (performance.now() - started)) * 1_000
}

async function size(subject: Subject): Promise<number> {
  return 1 / (subject.bytes() / 1024 / 1024)
}

const folder = await mkdtemp(join(tmpdir(), 'strongroom-bench-'))
try {
  const subjects = [
    await plainLmdb(join(folder, 'plain')),
    await encryptedEngine(join(folder, 'ours')),
  ] as const
  const rows: object[] = []
  for (const { what, unit, floor, goal, run } of measures) {
    const theirs = await run(subjects[0])
    const ours = await run(subjects[1])
    const ratio = Number((ours / theirs).toFixed(3))
    rows.push({ what, peer: 'plain lmdb', ratio, floor, goal })
    if (!values.json)
      console.log(
        `${what}: ${ratio} x (${ours.toPrecision(4)} against ${theirs.toPrecision(4)} ${unit})`,
      )
  }
  for (const subject of subjects) await subject.close()
  console.log(JSON.stringify({ rows }))
} finally {
  await rm(folder, { recursive: true, force: true })
}
