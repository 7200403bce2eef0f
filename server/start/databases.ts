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
import { hasCode } from '#shared/errors.ts'
import type { Folders } from './first-start.ts'

export interface CatalogWish {
  readonly config: Config
  readonly folders: Folders
  readonly memory: LockedMemory
  readonly store: Pick<ServerStore, 'system' | 'ring'>
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
    report: (event) => logEvent(logger, event),
  })
  owner.adopt(catalog, (it) => it.close())
  await catalog.start()
  followOwners(wish, catalog)
  return catalog
}

function logEvent(logger: Logger, event: CatalogEvent): void {
  const { kind, name: database } = event
  if (event.kind === 'failed') {
    const { code, message } = event.error
    logger.error({ database, code }, `A database does not open: ${message}`)
  } else logger.debug({ database }, `Database ${kind}`)
}

function anchorFailed({ logger, fatal }: CatalogWish, error: unknown): void {
  if (hasCode(error, 'DataDirectoryTaken')) fatal(error)
  else logger.error(error, 'Cannot write the anchors of databases; trying again')
}

/** A second server on the same folder takes it over; this one must not go on answering from what it knew. */
function followOwners({ store, fatal, owner }: CatalogWish, catalog: Catalog): void {
  const timer = setInterval(() => {
    try {
      store.system.verifyOwner()
      catalog.verifyOwners()
    } catch (error) {
      fatal(error)
    }
  }, ownerCheckMs).unref()
  owner.defer(() => clearInterval(timer))
}
