import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedDatabaseSettings } from '#server/system/database-settings.ts'
import { hasCode } from '#shared/errors.ts'

test('checkedDatabaseSettings() takes settings that concern the database alone, in any case', () => {
  const settings = { 'indexing.static.searchenginetype': 'Lucene', 'Query.RegexTimeoutInMs': 100 }
  assert.deepEqual(checkedDatabaseSettings(settings), {
    'Indexing.Static.SearchEngineType': 'Lucene',
    'Query.RegexTimeoutInMs': '100',
  })
})

test('checkedDatabaseSettings() takes none for none', () => {
  for (const nothing of [undefined, null, {}]) {
    assert.deepEqual(checkedDatabaseSettings(nothing), {})
  }
})

const reaching = [
  ...['DataDir', 'datadir', 'DATADIR', 'Storage.TempPath', 'Storage.OnDirectoryInitialize.Exec'],
  ...['Storage.OnDirectoryInitialize.Exec.Arguments', 'Indexing.TempPath', 'Backup.TempPath'],
  ...['Security.UnsecuredAccessAllowed', 'Security.MasterKey.Path', 'Security.MasterKey.Exec'],
  ...['Indexing.AllowStringCompilation', 'Patching.AllowStringCompilation', 'ServerUrl'],
  ...['Logs.Path', 'No.Such.Setting', '', '__proto__', 'constructor', ' DataDir'],
]
for (const key of reaching) {
  test(`checkedDatabaseSettings() refuses "${key}"`, () => {
    const settings = JSON.parse(`{${JSON.stringify(key)}:"/etc"}`) as unknown
    const refused = (error: unknown): boolean => hasCode(error, 'DatabaseSettingRefused')
    assert.throws(() => checkedDatabaseSettings(settings), refused)
  })
}

for (const settings of [
  [],
  'a',
  1,
  { 'Query.RegexTimeoutInMs': {} },
  { 'Query.RegexTimeoutInMs': 'x'.repeat(2000) },
]) {
  test(`checkedDatabaseSettings() refuses ${JSON.stringify(settings).slice(0, 40)}`, () => {
    const refused = (error: unknown): boolean => hasCode(error, 'DatabaseRecordInvalid')
    assert.throws(() => checkedDatabaseSettings(settings), refused)
  })
}
