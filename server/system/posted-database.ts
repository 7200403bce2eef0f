/**
 * The database record as a client posts it. What is ours is read strictly; what would make the server do something that it cannot
 * do yet, or reach out of it, is refused where it says anything; the rest is kept as it came.
 */
import { checkedDatabaseName } from './database-name.ts'
import { checkedDatabaseSettings, type DatabaseSettings } from './database-settings.ts'
import { systemErrors } from './errors.ts'

export interface PostedDatabase {
  readonly name: string
  /** What the client said; undefined leaves it to the server. */
  readonly encrypted: boolean | undefined
  readonly disabled: boolean
  readonly settings: DatabaseSettings
  /** Members that nobody here interprets, as they came. */
  readonly kept: Readonly<Record<string, unknown>>
}

type Members = Readonly<Record<string, unknown>>

/** Members that the server answers itself, whatever is posted. */
const ours: ReadonlySet<string> = new Set([
  ...['DatabaseName', 'Encrypted', 'Disabled', 'Settings', 'Topology', 'Etag', 'EtagForBackup'],
  ...['DatabaseState', 'DeletionInProgress', 'RollingIndexes', 'IndexesHistory', 'LockMode'],
  ...['SupportedFeatures', 'UnusedDatabaseIds', 'TruncatedClusterTransactionCommandsCount'],
])

/** Features of RavenDB's record that this version does not have: empty, or refused. */
const notBuilt: readonly string[] = [
  ...['Indexes', 'AutoIndexes', 'Sorters', 'Analyzers', 'Sharding', 'SchemaValidation'],
  ...['DocumentsCompression', 'Revisions', 'RevisionsBin', 'RevisionsForConflicts', 'TimeSeries'],
  ...['Expiration', 'Refresh', 'DataArchival', 'RemoteAttachments', 'Integrations'],
  ...['PeriodicBackups', 'ExternalReplications', 'SinkPullReplications', 'HubPullReplications'],
  ...['RavenConnectionStrings', 'SqlConnectionStrings', 'OlapConnectionStrings'],
  ...['ElasticSearchConnectionStrings', 'QueueConnectionStrings', 'SnowflakeConnectionStrings'],
  ...['AiConnectionStrings', 'AiAgents', 'RavenEtls', 'SqlEtls', 'ElasticSearchEtls', 'OlapEtls'],
  ...['QueueEtls', 'QueueSinks', 'CdcSinks', 'SnowflakeEtls', 'EmbeddingsGenerations', 'GenAis'],
]

/** @throws DatabaseRecordInvalid, DatabaseNameInvalid, DatabaseSettingRefused, DatabaseFeatureNotBuilt, NodeUnknown */
export function readPostedDatabase(
  members: Members,
  { nodeTag }: { readonly nodeTag: string },
): PostedDatabase {
  const name = textOf(members, 'DatabaseName')
  if (name === undefined) throw systemErrors.DatabaseRecordInvalid('DatabaseName is missing')
  checkTopology(members.Topology, nodeTag)
  for (const feature of notBuilt) {
    if (saysSomething(members[feature])) throw systemErrors.DatabaseFeatureNotBuilt(feature)
  }
  const lock = textOf(members, 'LockMode') ?? 'Unlock'
  if (lock !== 'Unlock') throw systemErrors.DatabaseFeatureNotBuilt('LockMode')
  return {
    name: checkedDatabaseName(name),
    encrypted: flagOf(members, 'Encrypted'),
    disabled: flagOf(members, 'Disabled') ?? false,
    settings: checkedDatabaseSettings(members.Settings),
    kept: keptOf(members),
  }
}

function keptOf(members: Members): Members {
  const built = new Set(notBuilt)
  return Object.fromEntries(
    Object.entries(members).filter(([name]) => !ours.has(name) && !built.has(name)),
  )
}

function textOf(members: Members, name: string): string | undefined {
  const value = members[name] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw systemErrors.DatabaseRecordInvalid(`${name} must be a text`)
}

function flagOf(members: Members, name: string): boolean | undefined {
  const value = members[name] ?? undefined
  if (value === undefined || typeof value === 'boolean') return value
  throw systemErrors.DatabaseRecordInvalid(`${name} must be true or false`)
}

function saysSomething(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false
  return typeof value === 'object' ? Object.keys(value).length > 0 : true
}

/** A client may name the nodes that the database should be on: here there is one. */
function checkTopology(topology: unknown, nodeTag: string): void {
  if (topology === undefined || topology === null) return
  if (typeof topology !== 'object' || Array.isArray(topology))
    throw systemErrors.DatabaseRecordInvalid('Topology must be an object')
  const { Members: members } = topology as { readonly Members?: unknown }
  if (members === undefined || members === null) return
  if (!Array.isArray(members)) {
    throw systemErrors.DatabaseRecordInvalid('Topology.Members must be a list')
  }
  if (!members.every((member) => typeof member === 'string'))
    throw systemErrors.DatabaseRecordInvalid('Topology.Members must be a list of texts')
  const unknown = members.find((member) => member !== nodeTag)
  if (unknown !== undefined) throw systemErrors.NodeUnknown(unknown.slice(0, 20))
}
