import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPostedDatabase } from '#server/system/posted-database.ts'
import { hasCode } from '#shared/errors.ts'

const read = (members: Readonly<Record<string, unknown>>) =>
  readPostedDatabase({ DatabaseName: 'orders', ...members }, { nodeTag: 'A' })

test('readPostedDatabase() leaves to the server what the client does not say', () => {
  const expected = { name: 'orders', encrypted: undefined, disabled: false, settings: {}, kept: {} }
  assert.deepEqual(read({}), expected)
  const nulls = { Encrypted: null, Disabled: null, Settings: null, Topology: null, LockMode: null }
  assert.deepEqual(read(nulls), expected)
})

test('readPostedDatabase() reads what is ours and keeps what nobody interprets', () => {
  const members = {
    Encrypted: false,
    Disabled: true,
    Settings: { 'Query.RegexTimeoutInMs': '5' },
    Topology: { Members: ['A'], ReplicationFactor: 1 },
    Client: { MaxNumberOfRequestsPerSession: 5 },
    Foo: [1, { bar: null }],
  }
  assert.deepEqual(read(members), {
    name: 'orders',
    encrypted: false,
    disabled: true,
    settings: { 'Query.RegexTimeoutInMs': '5' },
    kept: { Client: { MaxNumberOfRequestsPerSession: 5 }, Foo: [1, { bar: null }] },
  })
})

test('readPostedDatabase() takes back a record as the server shows it', () => {
  const shown = {
    ...{ Disabled: false, Encrypted: true, EtagForBackup: 0, DeletionInProgress: {}, Etag: 7 },
    ...{ DatabaseState: 'Normal', LockMode: 'Unlock', Indexes: {}, PeriodicBackups: [] },
    ...{ RavenConnectionStrings: {}, Sharding: null, SupportedFeatures: ['x'], Revisions: null },
  }
  assert.deepEqual(read(shown).kept, {})
})

const refusals: readonly [string, Readonly<Record<string, unknown>>, string][] = [
  ['no name', { DatabaseName: undefined }, 'DatabaseRecordInvalid'],
  ['a name that is no text', { DatabaseName: 1 }, 'DatabaseRecordInvalid'],
  ['a bad name', { DatabaseName: '../a' }, 'DatabaseNameInvalid'],
  ['Encrypted as text', { Encrypted: 'false' }, 'DatabaseRecordInvalid'],
  ['Disabled as number', { Disabled: 1 }, 'DatabaseRecordInvalid'],
  ['settings that reach out', { Settings: { DataDir: '/' } }, 'DatabaseSettingRefused'],
  ['another node', { Topology: { Members: ['Q'] } }, 'NodeUnknown'],
  ['another node besides', { Topology: { Members: ['A', 'B'] } }, 'NodeUnknown'],
  [
    'a member that is no text',
    { Topology: { Members: [{ toString: 1 }] } },
    'DatabaseRecordInvalid',
  ],
  ['a topology that is no object', { Topology: 'A' }, 'DatabaseRecordInvalid'],
  ['members that are no list', { Topology: { Members: 'A' } }, 'DatabaseRecordInvalid'],
  [
    'a backup',
    { PeriodicBackups: [{ LocalSettings: { FolderPath: '/' } }] },
    'DatabaseFeatureNotBuilt',
  ],
  ['a connection', { RavenConnectionStrings: { a: {} } }, 'DatabaseFeatureNotBuilt'],
  ['an index', { Indexes: { a: {} } }, 'DatabaseFeatureNotBuilt'],
  ['expiration', { Expiration: { Disabled: false } }, 'DatabaseFeatureNotBuilt'],
  ['a lock', { LockMode: 'PreventDeletesError' }, 'DatabaseFeatureNotBuilt'],
]
for (const [what, members, code] of refusals) {
  test(`readPostedDatabase() refuses ${what}`, () => {
    assert.throws(
      () => read(members),
      (error) => hasCode(error, code),
    )
  })
}
