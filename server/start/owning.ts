/**
 * The order of a start: the port, every check that needs no data of ours, and only then the server store, whose opening makes the data
 * folder ours. What fails before leaves a server that runs on that folder, or on that port, as it is.
 */
import type { Audit } from '#server/audit/event.ts'
import type { Config } from '#server/config.ts'
import type { Logger } from '#server/log.ts'
import { openLockedMemory } from '#server/seal/locked.ts'
import type { PreparedStore, ServerStore } from '#server/system/open.ts'
import { listenAddress } from '#server/tls/address.ts'
import { Challenges } from '#server/tls/challenges.ts'
import type { Clock } from '#shared/clock.ts'
import { type Folders, foldersIn, type OnStep, prepareFolders } from './first-start.ts'
import { openWellKnown } from './identities.ts'
import { takePort } from './listening.ts'
import { MasterKeyWatch } from './master-key-watch.ts'
import { masterKeySource, prepareStore } from './store.ts'
import { openTransport } from './transport.ts'

export interface OwningParts {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly audit: Audit
  readonly onStep: OnStep
  /** Told of a changed certificate that is not served. */
  readonly refused: () => void
  /** Closes what it is given, in reverse. */
  readonly owner: AsyncDisposableStack
}

const memoryLockSetting = 'Security.DoNotConsiderMemoryLockFailureAsCatastrophicError'

/** Throws `ListenFailed`, and what the store, the transport and the well-known certificates throw. */
export async function ownAfterChecks(parts: OwningParts) {
  const { config, clock, onStep, owner, logger } = parts
  const door = owner.use(await takePort(listenAddress(config.ServerUrl)))
  const folders = foldersIn(config.DataDir)
  const failureIsCatastrophic = !config[memoryLockSetting]
  const memory = owner.adopt(openLockedMemory({ failureIsCatastrophic }), (it) => it.close())
  const prepared = owner.use(await prepareStore({ config, folders, memory, clock }))
  let opening: Promise<ServerStore> | undefined
  const openOnce = () => {
    opening ??= openStore({ prepared, folders, onStep, owner })
    return opening
  }
  const claim = async () => (await openOnce()).system
  const challenges = new Challenges(clock)
  const wellKnown = await openWellKnown(parts)
  // Last: a server certificate of our own making needs the store.
  const transport = await openTransport({ ...parts, claim, folders, challenges })
  const store = await openOnce()
  noteAccepted(store, parts)
  const source = masterKeySource(config, folders.keys)
  owner.use(new MasterKeyWatch({ source, store, memory, logger }))
  return { door, folders, memory, challenges, transport, wellKnown, store }
}

interface StoreParts extends Pick<OwningParts, 'onStep' | 'owner'> {
  readonly prepared: PreparedStore
  readonly folders: Folders
}

/** From here on the data folder is ours, and is written to. */
async function openStore({ prepared, folders, onStep, owner }: StoreParts): Promise<ServerStore> {
  const store = owner.adopt(await prepared.open(), (it) => it.close())
  await prepareFolders(folders, onStep)
  return store
}

/** Whoever has the machine took an older store: what it let in again must be looked over. */
function noteAccepted({ accepted, system }: ServerStore, { logger, audit }: OwningParts): void {
  if (accepted === undefined) return
  const { commit, newest, strangers } = accepted
  const facts = { storeId: system.id, commit, newest, unknownDatabases: strangers.length }
  audit({ act: 'older server store accepted', facts })
  logger.warn(
    facts,
    'Goes on from an older server store, as was accepted: look over its certificates',
  )
}
