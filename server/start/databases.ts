/** The catalog of databases, as the settings say: on disk or in memory, its events in the log, its files watched for another owner. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '#server/config.ts'
import { Catalog } from '#server/database/catalog.ts'
import type { CatalogEvent } from '#server/database/open-databases.ts'
import { ownerCheckMs, pageCacheBytesDefault } from '#server/limits.ts'
import type { Logger } from '#server/log.ts'
import type { LockedMemory } from '#server/seal/locked.ts'
import { PageCache } from '#server/storage/cache/page-cache.ts'
import { Anchors } from '#server/system/anchors.ts'
import type { ServerStore } from '#server/system/open.ts'
import type { Clock } from '#shared/clock.ts'
import { CodedError, hasCode } from '#shared/errors.ts'
import type { Folders } from './first-start.ts'
import { StoreWitness } from './store-witness.ts'

export interface CatalogWish {
  readonly config: Config
  readonly folders: Folders
  readonly memory: LockedMemory
  readonly store: Pick<ServerStore, 'system' | 'ring'>
  /** Told once that the server store's files were lost under it: it takes no more changes. */
  readonly storeLost: (error: CodedError) => void
  readonly transport: { readonly isSecured: boolean }
  readonly clock: Clock
  readonly logger: Logger
  readonly fatal: (error: unknown) => void
  /** Closes what it is given, in reverse. */
  readonly owner: AsyncDisposableStack
}

/** Finishes what the process before began, and follows the files from then on. */
export async function openCatalog(wish: CatalogWish): Promise<Catalog> {
  const { config, folders, memory, store, transport, clock, logger, owner } = wish
  const { system, ring } = store
  const anchors = new Anchors({ system, failed: (error) => anchorFailed(wish, error) })
  const catalog = new Catalog({
    ...{ system, ring, memory, anchors, clock },
    folder: config.RunInMemory ? undefined : join(folders.data, 'databases'),
    cache: new PageCache(pageCacheBytesDefault),
    secured: transport.isSecured,
    encryptionRequired: config['Security.Encryption.Required'],
    newId: randomUUID,
    storeCommit: () => system.witnessCommit,
    report: (event) => logEvent(logger, event),
  })
  owner.adopt(catalog, (it) => it.close())
  const witness = owner.use(
    new StoreWitness({
      record: () => catalog.recordStoreCommit(),
      now: clock.now,
      failed: (error) =>
        logger.error({ error }, 'Cannot write down the commit of the server store'),
    }),
  )
  system.onChange((tables) => {
    if (tables.size > 1 || !tables.has('anchors')) witness.changed()
  })
  await catalog.start()
  followOwners(wish, catalog)
  return catalog
}

/** What is said of a database that does not serve as it should. */
const failures = {
  failed: 'A database does not open',
  damaged: 'A database is damaged; what is not damaged is served',
  lost: 'A database was closed, since its files are not as it left them',
} as const

function logEvent(logger: Logger, event: CatalogEvent): void {
  const { name: database } = event
  if (!('error' in event)) {
    logger.debug({ database }, `Database ${event.kind}`)
    return
  }
  const { code, message } = event.error
  logger.error({ database, code }, `${failures[event.kind]}: ${message}`)
}

function anchorFailed({ logger, fatal }: CatalogWish, error: unknown): void {
  if (hasCode(error, 'DataDirectoryTaken')) fatal(error)
  else logger.error(error, 'Cannot write the anchors of databases; trying again')
}

/** A second server on the same folder takes it over; this one must not go on answering from what it knew. */
function followOwners(wish: CatalogWish, catalog: Catalog): void {
  const { fatal, owner } = wish
  let isStoreLost = false
  const timer = setInterval(() => {
    try {
      catalog.verifyOwners()
      if (!isStoreLost) isStoreLost = hasLostStore(wish)
    } catch (error) {
      fatal(error)
    }
  }, ownerCheckMs).unref()
  owner.defer(() => clearInterval(timer))
}

/** True where its files are not as it left them, which is said. @throws DataDirectoryTaken */
function hasLostStore({ store, storeLost }: CatalogWish): boolean {
  try {
    store.system.verifyOwner()
    return false
  } catch (error) {
    if (!(error instanceof CodedError) || error.code === 'DataDirectoryTaken') throw error
    storeLost(error)
    return true
  }
}
