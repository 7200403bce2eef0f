/** Ours: sealed pages in LMDB. */
import { openLockedMemory } from '#server/seal/locked.ts'
import { encryptingSealer } from '#server/seal/page.ts'
import { type ByteString, uint64, utf8 } from '#server/storage/bytes.ts'
import { openEngine } from '#server/storage/engine.ts'
import type { Engine, Writer } from '#server/storage/engine.types.ts'
import { openLmdbPageStore } from '#server/storage/page-store/lmdb.ts'
import { systemClock } from '#shared/clock.ts'
import { type BenchDocument, headOf, recordOf, type Subject, termOf } from './subject.ts'

const tree = { documents: 1, etags: 2, collections: 3, index: 4 }
const nothing = Buffer.alloc(0)

/** Opens an engine in a folder. */
export async function encryptedEngine(folder: string): Promise<Subject> {
  let engine = await open(folder)
  return {
    put: (documents) => engine.submit(documents),
    get: (id) => engine.read((reader) => reader.get(tree.documents, utf8(id))?.length ?? 0),
    forget: async () => {
      await engine.close()
      engine = await open(folder)
    },
    bytes: () => engine.figures.sizeOnDiskBytes,
    close: () => engine.close(),
  }
}

async function open(folder: string): Promise<Engine<readonly BenchDocument[], void>> {
  const memory = openLockedMemory()
  const sealer = encryptingSealer({
    memory,
    keys: [{ epoch: 1, key: memory.hold(Buffer.alloc(32, 5)) }],
    databaseId: Buffer.alloc(16, 1),
    database: 'bench',
  })
  const store = openLmdbPageStore({ folder, database: 'bench' })
  return openEngine({ store, sealer, clock: systemClock, apply })
}

function* apply(writer: Writer, documents: readonly BenchDocument[]): Generator<undefined, void> {
  for (const document of documents) {
    const id = utf8(document.id)
    const before = writer.get(tree.documents, id)
    if (before !== undefined) forgetOld(writer, id, before)
    const etag = writer.nextEtag()
    writer.put(tree.documents, id, recordOf(etag, document))
    writer.put(tree.etags, uint64(etag), Buffer.from(id, 'latin1'))
    writer.put(
      tree.collections,
      `${document.collection}|${uint64(etag)}`,
      Buffer.from(id, 'latin1'),
    )
    writer.put(tree.index, termOf(document), nothing)
    yield
  }
}

function forgetOld(writer: Writer, id: ByteString, before: Buffer): void {
  const { etag, total, collection } = headOf(before)
  writer.delete(tree.etags, uint64(etag))
  writer.delete(tree.collections, `${collection}|${uint64(etag)}`)
  writer.delete(tree.index, `${String(total).padStart(8, '0')}|${id}`)
}
