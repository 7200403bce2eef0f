/**
 * Settings of one database. Rights over a database are never rights over the machine: only settings that are listed here are
 * taken, so none that names a folder, an address or a program, and none whose meaning this version does not know.
 */
import { databaseSettingCharactersMax } from '#server/limits.ts'
import { foldCase } from '#shared/fold-case.ts'
import { systemErrors } from './errors.ts'

/** RavenDB's keys of database scope that concern nothing outside of it. */
const allowedKeys: readonly string[] = [
  'Databases.CollectionOperationTimeoutInSec',
  'Databases.OperationTimeoutInSec',
  'Databases.QueryOperationTimeoutInSec',
  'Databases.QueryTimeoutInSec',
  'Indexing.Analyzers.Default',
  'Indexing.Analyzers.Exact.Default',
  'Indexing.Analyzers.Search.Default',
  'Indexing.Auto.DeploymentMode',
  'Indexing.Auto.SearchEngineType',
  'Indexing.MapBatchSize',
  'Indexing.MapTimeoutInSec',
  'Indexing.MaxNumberOfIndexOutputsPerDocument',
  'Indexing.MaxStepsForScript',
  'Indexing.Static.DeploymentMode',
  'Indexing.Static.SearchEngineType',
  'Indexing.TimeBeforeDeletionOfSupersededAutoIndexInSec',
  'Indexing.TimeToWaitBeforeDeletingAutoIndexMarkedAsIdleInHrs',
  'Indexing.TimeToWaitBeforeMarkingAutoIndexAsIdleInMin',
  'Patching.MaxStepsForScript',
  'PerformanceHints.Documents.HugeDocumentSizeInMb',
  'PerformanceHints.MaxNumberOfResults',
  'Query.RegexTimeoutInMs',
  'Tombstones.CleanupIntervalInMin',
]

const byFoldedKey = new Map(allowedKeys.map((key) => [foldCase(key), key]))

export type DatabaseSettings = Readonly<Record<string, string | null>>

/** The settings under their own spelling. @throws DatabaseSettingRefused */
export function checkedDatabaseSettings(posted: unknown): DatabaseSettings {
  if (posted === undefined || posted === null) return {}
  if (typeof posted !== 'object' || Array.isArray(posted)) {
    throw systemErrors.DatabaseRecordInvalid('Settings must be an object')
  }
  return Object.fromEntries(Object.entries(posted).map(checkedSetting))
}

function checkedSetting([key, value]: [string, unknown]): [string, string | null] {
  const known = byFoldedKey.get(foldCase(key))
  if (known === undefined) throw systemErrors.DatabaseSettingRefused(key.slice(0, 100))
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  if (text === null) return [known, null]
  if (typeof text === 'string' && text.length <= databaseSettingCharactersMax) return [known, text]
  throw systemErrors.DatabaseRecordInvalid(`the setting "${known}" must be a short text`)
}
