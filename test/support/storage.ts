/** Engines for tests: `put`/`delete` write-sets on a memory or LMDB page store. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLockedMemory } from '#server/seal/locked.ts'
import { encryptingSealer } from '#server/seal/page.ts'
import { plainSealer } from '#server/seal/plain.ts'
import type { Sealer } from '#server/seal/sealer.ts'
import { openEngine } from '#server/storage/engine.ts'
import type { Engine, Writer } from '#server/storage/engine.types.ts'
import type { EngineOptions } from '#server/storage/engine-options.types.ts'
import type { PageStore } from '#server/storage/page-store/page-store.ts'

/** Puts and deletes (value left out) in one tree or several. */
export type Change = {
  readonly tree?: number
  readonly key: string
  readonly value?: Uint8Array | string
}
/** All changes, or a throw after them. */
export type TestWriteSet = { readonly changes: readonly Change[]; readonly fails?: boolean }

export const databaseId = Buffer.alloc(16, 7)
export const databaseKey = Buffer.alloc(32, 9)

/** Applies a test's write-set; the result is the last etag. */
export function* applyChanges(
  writer: Writer,
  { changes, fails }: TestWriteSet,
): Generator<undefined, number> {
  for (const { tree = 1, key, value } of changes) {
    if (value === undefined) writer.delete(tree, key)
    else writer.put(tree, key, typeof value === 'string' ? Buffer.from(value) : value)
    writer.nextEtag()
    yield
  }
  if (fails) throw new Error('told to fail')
  return writer.lastEtag
}

/** A sealer with a fixed key, or another one. */
export function testSealer(key: Buffer = databaseKey): Sealer {
  const memory = openLockedMemory()
  const keys = [{ epoch: 1, key: memory.hold(Buffer.from(key)) }]
  const sealer = encryptingSealer({ memory, keys, databaseId, database: 'test' })
  const close = sealer.close.bind(sealer)
  sealer.close = () => {
    close()
    memory.close()
  }
  return sealer
}

/** A plain sealer of the same database. */
export function testPlainSealer(): Sealer {
  return plainSealer({ databaseId, database: 'test' })
}

export type TestEngine = Engine<TestWriteSet, number> & AsyncDisposable

/** An engine that closes itself at the end of a block. */
export async function openTestEngine(
  store: PageStore,
  options: Partial<EngineOptions<TestWriteSet, number>> = {},
): Promise<TestEngine> {
  const clock = { now: () => performance.now() }
  const sealer = options.sealer ?? testSealer()
  const engine = await openEngine({ apply: applyChanges, clock, ...options, store, sealer })
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() })
}

/** A folder that is removed at the end of a block. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'strongroom-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
