import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromArguments, fromEnvironment, fromSettingsFile } from '#server/config-sources.ts'
import { hasCode } from '#shared/errors.ts'

const pairs = (given: readonly { key: string; value: string }[]) =>
  given.map(({ key, value }) => [key, value])

test('fromArguments() reads --Key=Value and --Key Value, in any case, and keeps later = signs', () => {
  const { given } = fromArguments(['--datadir=a=b', '--PublicServerUrl', 'https://x'])
  assert.deepEqual(pairs(given), [
    ['DataDir', 'a=b'],
    ['PublicServerUrl', 'https://x'],
  ])
})

test('fromArguments() takes the settings file out of the list', () => {
  const { given, configPath } = fromArguments(['--config-path', '/etc/s.json', '--DataDir=a'])
  assert.equal(configPath, '/etc/s.json')
  assert.deepEqual(pairs(given), [['DataDir', 'a']])
})

for (const [wrong, right] of [
  ['--SeverUrl=x', 'ServerUrl'],
  ['--Security.Certificat.Path=x', 'Security.Certificate.Path'],
  ['--Data.Dir=x', 'DataDir'],
] as const) {
  test(`fromArguments() answers ${wrong} with "${right}"`, () => {
    assert.throws(
      () => fromArguments([wrong]),
      (error) => hasCode(error, 'SettingUnknown') && error.message.includes(`"${right}"`),
    )
  })
}

test('fromArguments() refuses a word that is no setting, and a setting without a value', () => {
  assert.throws(() => fromArguments(['server']), { code: 'SettingUnknown' })
  assert.throws(() => fromArguments(['--DataDir']), { code: 'SettingInvalid' })
})

test('fromEnvironment() reads dots as underscores and ignores cases', () => {
  const { given } = fromEnvironment({
    RAVEN_Security_Certificate_Path: '/a',
    STRONGROOM_SECURITY_MASTERKEY_PATH: '/b',
    PATH: '/bin',
    RAVENDB_TEST_SERVER_PATH: '/c',
  })
  assert.deepEqual(pairs(given), [
    ['Security.Certificate.Path', '/a'],
    ['Security.MasterKey.Path', '/b'],
  ])
})

test('fromEnvironment() ignores what Kubernetes adds for a Service named strongroom', () => {
  const { given, unknown } = fromEnvironment({
    STRONGROOM_SERVICE_HOST: '10.0.0.1',
    STRONGROOM_SERVICE_PORT: '8443',
    STRONGROOM_SERVICE_PORT_HTTPS: '8443',
    STRONGROOM_PORT: 'tcp://10.0.0.1:8443',
    STRONGROOM_PORT_8443_TCP: 'tcp://10.0.0.1:8443',
    STRONGROOM_PORT_8443_TCP_ADDR: '10.0.0.1',
    STRONGROOM_OPERATOR_SERVICE_HOST: '10.0.0.2',
  })
  assert.deepEqual([given, unknown], [[], []])
})

test('fromSettingsFile() reads flat and nested members, numbers and booleans, and skips null', () => {
  const text = JSON.stringify({
    'Security.Certificate.Path': '/a',
    Security: { MasterKey: { Path: '/b', Exec: { TimeoutInSec: 5 } } },
    RunInMemory: true,
    PublicServerUrl: null,
  })
  assert.deepEqual(pairs(fromSettingsFile('s.json', () => `\uFEFF${text}`)), [
    ['Security.Certificate.Path', '/a'],
    ['Security.MasterKey.Path', '/b'],
    ['Security.MasterKey.Exec.TimeoutInSec', '5'],
    ['RunInMemory', 'true'],
  ])
})

test('fromSettingsFile() reads settings.json of the working folder where none is named, if there is one', () => {
  const asked: string[] = []
  const readText = (path: string) => {
    asked.push(path)
    return undefined
  }
  assert.deepEqual(fromSettingsFile(undefined, readText), [])
  assert.deepEqual(asked, ['settings.json'])
})

test('fromSettingsFile() refuses a named file that is missing, and one that is no JSON object, without quoting it', () => {
  assert.throws(() => fromSettingsFile('gone.json', () => undefined), /it does not exist/)
  for (const text of ['{"Security.Certificate.Password": hunter2}', '["hunter2"]', '"hunter2"']) {
    assert.throws(
      () => fromSettingsFile('s.json', () => text),
      (error) => hasCode(error, 'SettingsFileUnreadable') && !error.message.includes('hunter2'),
    )
  }
})
