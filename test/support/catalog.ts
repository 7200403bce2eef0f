/** A server store and a catalog on a data folder, or in memory: what a start builds, without HTTP. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Catalog, type CatalogParts } from '#server/database/catalog.ts'
import type { Databases } from '#server/database/databases.ts'
import type { CatalogEvent } from '#server/database/open-databases.ts'
import { type LockedMemory, openLockedMemory } from '#server/seal/locked.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { Anchors } from '#server/system/anchors.ts'
import { openMemoryServerStore, openServerStore, type ServerStore } from '#server/system/open.ts'
import { type PostedDatabase, readPostedDatabase } from '#server/system/posted-database.ts'
import { postSecret } from '#server/system/secrets.ts'
import { systemClock } from '#shared/clock.ts'

export interface TestCatalog extends AsyncDisposable {
  readonly catalog: Catalog
  readonly store: ServerStore
  readonly memory: LockedMemory
  readonly anchors: Anchors
  readonly events: readonly CatalogEvent[]
  /** Keeps a key for a database. */
  postKey(name: string, key: Buffer, overwrite?: boolean): Promise<void>
  /** Stops as a crash does: nothing is written any more, but locks are given back so that the same process can start again. */
  crash(): Promise<void>
}

type Options = Partial<Pick<CatalogParts, 'secured' | 'encryptionRequired' | 'onStep'>>

/** Starts; `data` left out keeps all in memory. */
export async function startCatalog(data?: string, options: Options = {}): Promise<TestCatalog> {
  const memory = openLockedMemory()
  const store = await openStore(data, memory)
  const { system, ring } = store
  const events: CatalogEvent[] = []
  const anchors = new Anchors({ system, failed: (error) => assert.fail(String(error)) })
  let ids = 0
  const catalog = new Catalog({
    ...{ system, ring, memory, anchors, secured: true, encryptionRequired: false },
    folder: data === undefined ? undefined : foldersOf(data),
    cache: new PageCache(8 * 1024 * 1024),
    clock: systemClock,
    storeCommit: () => system.witnessCommit,
    newId: () => `id-${++ids}`,
    report: (event) => events.push(event),
    ...options,
  })
  await catalog.start()
  let closed = false
  const stop = async (clean: boolean): Promise<void> => {
    if (closed) return
    closed = true
    await catalog.close().finally(() => store.close())
    if (clean) assert.equal(memory.usedBytes, 0, 'no key is left when everything is closed')
    memory.close()
  }
  return {
    ...{ catalog, store, memory, anchors, events },
    postKey: (name, key, overwrite = false) => {
      const text = Buffer.from(key.toString('base64'))
      return postSecret({ system, ring, memory }, { name, text, overwrite })
    },
    crash: () => stop(false),
    [Symbol.asyncDispose]: () => stop(true),
  }
}

async function openStore(data: string | undefined, memory: LockedMemory): Promise<ServerStore> {
  if (data === undefined) return openMemoryServerStore({ memory, clock: systemClock })
  return openServerStore({
    folder: join(data, 'data', 'system'),
    masterKey: { kind: 'own', path: join(data, 'keys', 'master.key') },
    memory,
    clock: systemClock,
  })
}

/** A record as a client posts it. */
export function posted(name: string, more: Readonly<Record<string, unknown>> = {}): PostedDatabase {
  return readPostedDatabase({ DatabaseName: name, ...more }, { nodeTag: 'A' })
}

/** Stores a document. */
export async function put(catalog: Databases, name: string, id: string, text = 'a'): Promise<void> {
  const database = await catalog.open(name)
  await database.put(id, Buffer.from(JSON.stringify({ text })), undefined)
}

/** Text of a document; nothing where it is not there. */
export async function textOf(
  catalog: Databases,
  name: string,
  id: string,
): Promise<string | undefined> {
  const database = await catalog.open(name)
  const listing = database.list(undefined, { start: 0, pageSize: 1000 }, false)
  const parts: Buffer[] = []
  for await (const part of listing.body) parts.push(part)
  const answer = JSON.parse(Buffer.concat(parts).toString()) as {
    readonly Results: readonly { text: string; '@metadata': { '@id': string } }[]
  }
  return answer.Results.find((document) => document['@metadata']['@id'] === id)?.text
}

/** The folder of the folders of databases. */
export function foldersOf(data: string): string {
  return join(data, 'data', 'databases')
}

/** The folder of the only database. */
export async function folderOf(data: string): Promise<string> {
  const names = await readdir(foldersOf(data))
  assert.equal(names.length, 1)
  return join(foldersOf(data), names[0] ?? '')
}
