/** Everything that the decision about one StrongroomDatabase needs. */

import type { Admin } from '#operator/admin/admin.ts'
import { askServer, type ObserveMeans } from '#operator/admin/ask.ts'
import { type StrongroomDatabase, strongroomDatabases } from '#operator/api/database.ts'
import { names } from '#operator/api/names.ts'
import { type Strongroom, strongrooms } from '#operator/api/strongroom.ts'
import { refOfKey } from '#operator/kube/key.ts'
import { secrets } from '#operator/kube/kinds.ts'
import { isNamespaceEnding } from '#operator/kube/namespace.ts'
import type { Secret } from '#operator/kube/secret.ts'
import type { ServerState } from '#shared/contract/state.ts'
import { databaseKey } from '#shared/database-name.ts'

export interface Observed {
  readonly nowMs: number
  readonly database: StrongroomDatabase
  readonly cluster: Strongroom | undefined
  /** The Secret with the database's key. */
  readonly escrow: Secret | undefined
  /** Nothing where no member could be asked. */
  readonly server: ServerState | undefined
  readonly unreachable: string | undefined
  readonly admin: Admin | undefined
  /** Other resources that declare the same database of the same cluster. */
  readonly rivals: readonly StrongroomDatabase[]
  readonly isNamespaceEnding: boolean
}

/** Nothing where the resource is gone. */
export async function observe(key: string, means: ObserveMeans): Promise<Observed | undefined> {
  const { name, namespace } = refOfKey(key)
  const { cache, kube } = means
  const database = cache.get<StrongroomDatabase>(strongroomDatabases, { name, namespace })
  if (database === undefined) return undefined
  const clusterRef = { name: database.spec.clusterRef.name, namespace }
  const { admin, answer, unreachable } = await askServer(means, clusterRef, (server) =>
    server.state(),
  )
  return {
    nowMs: means.clock.now(),
    database,
    cluster: cache.get<Strongroom>(strongrooms, clusterRef),
    // Read itself, not from the cache: a key is made only where there is certainly none.
    escrow: await kube.get<Secret>(secrets, { name: names.databaseKey(name), namespace }),
    server: answer,
    unreachable,
    admin,
    rivals: cache
      .list<StrongroomDatabase>(strongroomDatabases, namespace)
      .filter((other) => isRival(other, database)),
    isNamespaceEnding: await isNamespaceEnding(kube, database),
  }
}

/** The database's name on the server. */
export function serverName({ spec, metadata }: StrongroomDatabase): string {
  return spec.name ?? metadata.name
}

function isRival(other: StrongroomDatabase, database: StrongroomDatabase): boolean {
  const sameDatabase = databaseKey(serverName(other)) === databaseKey(serverName(database))
  return (
    other.metadata.name !== database.metadata.name &&
    other.spec.clusterRef.name === database.spec.clusterRef.name &&
    sameDatabase
  )
}
