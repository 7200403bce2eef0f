/** The peer: LMDB without encryption, four named databases, durable when the promise resolves. */
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { type BenchDocument, headOf, recordOf, type Subject, termOf } from './subject.ts'

type Tree = Database<Buffer, string>

/** Opens an environment in a folder. */
export async function plainLmdb(folder: string): Promise<Subject> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'plain.mdb')
  let store = openStore(file)
  return {
    put: (documents) => store.put(documents),
    get: (id) => store.documents.getBinary(id)?.length ?? 0,
    forget: async () => {
      await store.environment.close()
      store = openStore(file, store.etag())
    },
    bytes: () => statSync(file).size,
    close: () => store.environment.close(),
  }
}

function openStore(file: string, lastEtag = 0) {
  const environment: RootDatabase = open(file, { overlappingSync: false, compression: false })
  const openTree = (name: string): Tree =>
    environment.openDB({ name, encoding: 'binary', keyEncoding: 'ordered-binary' })
  const documents = openTree('documents')
  const trees = {
    etags: openTree('etags'),
    collections: openTree('collections'),
    index: openTree('index'),
  }
  let etag = lastEtag
  /** In a batch no write sees another, so the same document twice needs a look at what was put already; there is none here. */
  const put = (list: readonly BenchDocument[]): Promise<void> =>
    environment.batch(() => {
      for (const document of list) {
        const before = documents.getBinary(document.id)
        if (before !== undefined) forgetOld(document.id, before)
        etag += 1
        const id = Buffer.from(document.id)
        void documents.put(document.id, recordOf(etag, document))
        void trees.etags.put(key(etag), id)
        void trees.collections.put(`${document.collection}|${key(etag)}`, id)
        void trees.index.put(termOf(document), Buffer.alloc(1))
      }
    }) as unknown as Promise<void>
  const forgetOld = (id: string, before: Buffer): void => {
    const old = headOf(before)
    void trees.etags.remove(key(old.etag))
    void trees.collections.remove(`${old.collection}|${key(old.etag)}`)
    void trees.index.remove(`${String(old.total).padStart(8, '0')}|${id}`)
  }
  return { environment, documents, put, etag: () => etag }
}

function key(etag: number): string {
  return String(etag).padStart(12, '0')
}
