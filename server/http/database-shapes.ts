/** Databases as RavenDB's clients read them. The order of the members is RavenDB's; what is not built yet says that there is none. */
import type { Database } from '#server/database/database.ts'
import { size } from '#server/database/statistics.ts'
import type { DatabaseRecord } from '#server/system/databases.ts'
import type { Versioned } from '#server/system/system.types.ts'
import { ravenDate } from '#shared/clock.ts'
import { nodeTag } from './protocol.ts'

type Shape = Readonly<Record<string, unknown>>
type Found = Versioned<DatabaseRecord>

/** The answer to a creation or a change of the record. */
export function changedShape(found: Found, index: number, url: string): Shape {
  return {
    RaftCommandIndex: index,
    Name: found.record.name,
    Topology: topologyShape(found),
    NodesAddedTo: [url],
    ShardsDefined: false,
  }
}

/** The record as administrators read it, and send it back to change it. Holds no key. */
export function recordShape(found: Found): Shape {
  const { name, disabled, encrypted, settings, kept } = found.record
  return {
    DatabaseName: name,
    Disabled: disabled,
    Encrypted: encrypted,
    EtagForBackup: 0,
    DeletionInProgress: {},
    RollingIndexes: {},
    DatabaseState: 'Normal',
    LockMode: 'Unlock',
    Topology: { ...topologyShape(found), PredefinedMentors: {} },
    ...emptyFeatures,
    Settings: settings,
    TruncatedClusterTransactionCommandsCount: 0,
    UnusedDatabaseIds: [],
    SupportedFeatures: ['ThrowControlCharactersInIdentifier'],
    ...kept,
    Etag: found.version,
  }
}

const nothing = [
  ...['Sharding', 'ConflictSolverConfig', 'SchemaValidation', 'DocumentsCompression'],
  ...['Revisions', 'RevisionsBin', 'TimeSeries', 'RevisionsForConflicts', 'Expiration', 'Refresh'],
  ...['DataArchival', 'RemoteAttachments', 'Integrations', 'Client', 'Studio'],
]
const emptyObjects = [
  ...['Sorters', 'Analyzers', 'Indexes', 'IndexesHistory', 'AutoIndexes'],
  ...['RavenConnectionStrings', 'SqlConnectionStrings', 'OlapConnectionStrings'],
  ...['ElasticSearchConnectionStrings', 'QueueConnectionStrings', 'SnowflakeConnectionStrings'],
  ...['AiConnectionStrings'],
]
const emptyLists = [
  ...['PeriodicBackups', 'ExternalReplications', 'SinkPullReplications', 'HubPullReplications'],
  ...['AiAgents', 'RavenEtls', 'SqlEtls', 'ElasticSearchEtls', 'OlapEtls', 'QueueEtls'],
  ...['QueueSinks', 'CdcSinks', 'SnowflakeEtls', 'EmbeddingsGenerations', 'GenAis'],
]
const emptyFeatures: Shape = {
  ...Object.fromEntries(nothing.map((name) => [name, null])),
  ...Object.fromEntries(emptyObjects.map((name) => [name, {}])),
  ...Object.fromEntries(emptyLists.map((name) => [name, []])),
}

/** What a list shows of every database. */
export interface ListItem {
  readonly record: DatabaseRecord
  readonly isAdmin: boolean
  /** URL under which the caller reaches us. */
  readonly url: string
}

/** An item of the list, of a database that is open. */
export function openItemShape(
  item: ListItem,
  { database, upTimeMs }: { readonly database: Database; readonly upTimeMs: number },
): Shape {
  const { CountOfDocuments } = database.essentialStatistics as { readonly CountOfDocuments: number }
  return {
    Name: item.record.name,
    TotalSize: size(database.figures.sizeOnDiskBytes),
    TempBuffersSize: size(0),
    UpTime: timeSpan(upTimeMs),
    BackupInfo: null,
    ...noTroubles,
    TasksErrors: null,
    DocumentsCount: CountOfDocuments,
    IndexingStatus: 'Running',
    ...rightsAndFlags(item),
    ...noFeatures,
    IndexesCount: 0,
    NodesTopology: nodesShape(item),
    ReplicationFactor: 1,
    DynamicNodesDistribution: false,
    DeletionInProgress: {},
    Environment: 'None',
  }
}

/** An item of the list, of a database that is not open: disabled, or quarantined for a reason. */
export function closedItemShape(
  item: ListItem,
  { quarantine, sizeBytes }: { readonly quarantine: Error | undefined; readonly sizeBytes: number },
): Shape {
  return {
    ...noFeatures,
    ...rightsAndFlags(item),
    Name: item.record.name,
    TotalSize: size(sizeBytes),
    TempBuffersSize: size(0),
    ...noTroubles,
    UpTime: null,
    MountPointsUsage: [],
    DocumentsCount: 0,
    IndexesCount: 0,
    CachedDatabaseInfo: false,
    IndexingStatus: null,
    NodesTopology: nodesShape(item),
    DeletionInProgress: {},
    Environment: 'None',
    BackupInfo: null,
    ...(quarantine === undefined ? {} : { LoadError: quarantine.message }),
  }
}

const noTroubles: Shape = { Alerts: 0, PerformanceHints: 0, IndexingErrors: 0 }
const noFeatures: Shape = {
  HasRevisionsConfiguration: false,
  HasExpirationConfiguration: false,
  HasRefreshConfiguration: false,
  HasDataArchivalConfiguration: false,
}

function rightsAndFlags({ record, isAdmin }: ListItem): Shape {
  return {
    Disabled: record.disabled,
    LockMode: 'Unlock',
    IsAdmin: isAdmin,
    IsEncrypted: record.encrypted,
    RejectClients: false,
  }
}

/** One member, which every database is on. */
function topologyShape({ record, version }: Found): Shape {
  return {
    Members: [nodeTag],
    Promotables: [],
    Rehabs: [],
    Stamp: { Index: version, Term: 1, LeadersTicks: -2 },
    NodesModifiedAt: ravenDate(record.createdAt),
    PromotablesStatus: {},
    DemotionReasons: {},
    DynamicNodesDistribution: false,
    ReplicationFactor: 1,
    DatabaseTopologyIdBase64: record.topologyId,
    ClusterTransactionIdBase64: record.topologyId,
    PriorityOrder: [],
  }
}

function nodesShape({ url }: ListItem): Shape {
  return {
    Members: [{ NodeTag: nodeTag, NodeUrl: url, ResponsibleNode: null }],
    Promotables: [],
    Rehabs: [],
    Status: { [nodeTag]: { LastStatus: 'Ok', LastError: null } },
    PriorityOrder: [],
    DynamicNodesDistribution: false,
  }
}

/** `1.02:03:04.5670000`, as .NET writes a time span. */
function timeSpan(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000)
  const time = new Date(milliseconds % 86_400_000).toISOString().slice(11, 23)
  return `${days > 0 ? `${days}.` : ''}${time}0000`
}
