/** What this server is and holds, for those who run it: the operator reads it by the same contract. */
import { clusterAdmin } from '#server/access/actions.ts'
import type { OrderFigures } from '#server/acme/ordering.ts'
import type { Catalog } from '#server/database/catalog.ts'
import type { ServerStore } from '#server/system/open.ts'
import type { Served } from '#server/tls/serving.ts'
import type { DatabaseState, OrderReport, ServerState } from '#shared/contract/state.ts'
import { CodedError } from '#shared/errors.ts'
import { strongroomVersion } from '../protocol.ts'
import type { Routes } from '../route.ts'

export interface StateParts {
  readonly store: Pick<ServerStore, 'masterKeys'> & {
    readonly system: Pick<ServerStore['system'], 'id' | 'commit'>
  }
  readonly catalog: Pick<Catalog, 'list' | 'state'>
  readonly served: () => Served
  /** What the order of a server certificate does now; nothing where none is ordered. */
  readonly order: () => OrderFigures | undefined
}

export function stateRoutes(parts: StateParts): Routes {
  return [
    {
      method: 'GET',
      path: '/admin/strongroom/state',
      action: clusterAdmin,
      handle: () => serverState(parts),
    },
  ]
}

function serverState({ store, catalog, served, order }: StateParts): ServerState {
  const { internal, public: open } = served()
  const figures = order()
  return {
    StoreId: store.system.id,
    StoreCommit: store.system.commit,
    Version: strongroomVersion,
    MasterKeyIds: [...store.masterKeys.loaded],
    NeededMasterKeyId: store.masterKeys.needed ?? null,
    RemovableMasterKeyIds: [...store.masterKeys.removable],
    Databases: databaseStates(catalog),
    Serves: { Internal: internal?.sha256 ?? null, Public: open?.sha256 ?? null },
    ...(figures === undefined ? {} : { Order: orderReport(figures) }),
  }
}

function orderReport({ renewAt, againAt, failures, problem }: OrderFigures): OrderReport {
  const moment = (time: number) => new Date(time).toISOString()
  return {
    RenewAt: renewAt === undefined ? null : moment(renewAt),
    AgainAt: moment(againAt),
    Failures: failures,
    Problem:
      problem === undefined
        ? null
        : { Type: problem.type, Detail: problem.detail, Name: problem.name ?? null },
  }
}

function databaseStates(catalog: StateParts['catalog']): DatabaseState[] {
  return catalog.list().map(({ record: { name, id, encrypted, disabled } }) => ({
    Name: name,
    Id: id,
    Encrypted: encrypted,
    Disabled: disabled,
    Quarantine: codeOf(catalog.state(name).quarantine),
  }))
}

function codeOf(error: Error | undefined): string | null {
  if (error === undefined) return null
  return error instanceof CodedError ? error.code : 'DatabaseNotOpened'
}
