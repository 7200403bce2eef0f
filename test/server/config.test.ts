import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigInput, readConfig } from '#server/config.ts'
import { hasCode } from '#shared/errors.ts'

const nothing: ConfigInput = { args: [], env: {}, readText: () => undefined }

function configOf(input: Partial<ConfigInput>) {
  return readConfig({ ...nothing, ...input })
}

function refusalOf(input: Partial<ConfigInput>): string {
  try {
    configOf(input)
  } catch (error) {
    assert(error instanceof Error)
    return error.message
  }
  return ''
}

test('readConfig() fills in every default and freezes the result', () => {
  const { config, notes } = configOf({})
  assert.equal(config.ServerUrl, 'https://127.0.0.1:8443')
  assert.equal(config.DataDir, './strongroom-data')
  assert.equal(config.RunInMemory, false)
  assert.equal(config['Security.UnsecuredAccessAllowed'], 'Local')
  assert.equal(config['Security.Certificate.Path'], undefined)
  assert.deepEqual(notes, [])
  assert.throws(() => Object.assign(config, { RunInMemory: true }), TypeError)
})

test('readConfig() takes the command line before the environment before the settings file', () => {
  const readText = () => '{"DataDir":"file","RunInMemory":true,"ServerUrl":"https://file:1"}'
  const env = { RAVEN_DataDir: 'raven', STRONGROOM_ServerUrl: 'https://env:1' }
  const { config } = configOf({ args: ['--DataDir=line'], env, readText })
  assert.equal(config.DataDir, 'line')
  assert.equal(config.ServerUrl, 'https://env:1')
  assert.equal(config.RunInMemory, true)
})

test('readConfig() takes STRONGROOM_ before RAVEN_', () => {
  const env = { STRONGROOM_DataDir: 'ours', RAVEN_DataDir: 'theirs' }
  assert.equal(configOf({ env }).config.DataDir, 'ours')
})

test('readConfig() converts texts to what the setting is', () => {
  const { config } = configOf({
    args: [
      '--RunInMemory=TRUE',
      '--Security.MasterKey.Exec.TimeoutInSec=7',
      '--Security.UnsecuredAccessAllowed=privatenetwork',
    ],
  })
  assert.equal(config.RunInMemory, true)
  assert.equal(config['Security.MasterKey.Exec.TimeoutInSec'], 7)
  assert.equal(config['Security.UnsecuredAccessAllowed'], 'PrivateNetwork')
})

for (const [name, arg, expected] of [
  ['a boolean that is none', '--RunInMemory=constructor', 'true or false'],
  ['a number that is none', '--Security.MasterKey.Exec.TimeoutInSec=soon', 'whole number from 1'],
  ['a number that is too large', '--Documents.MaxSizeInMb=129', 'whole number from 1 to 128'],
  ['a number that is too small', '--Security.MasterKey.Exec.TimeoutInSec=0', 'whole number from 1'],
  ['a word that is not offered', '--Security.UnsecuredAccessAllowed=All', 'None, Local'],
  ['an empty text', '--DataDir=', 'a text'],
] as const) {
  test(`readConfig() refuses ${name} and says what it expects`, () => {
    const message = refusalOf({ args: [arg] })
    assert.match(message, new RegExp(expected))
  })
}

test('readConfig() never repeats a refused value: it may be a password', () => {
  const message = refusalOf({ args: ['--Security.Csrf.Enabled=hunter2'] })
  assert.notEqual(message, '')
  assert.doesNotMatch(message, /hunter2/)
})

test('readConfig() notes once what has no meaning here and what the environment has that nobody knows', () => {
  const { notes } = configOf({
    args: ['--License.Eula.Accepted=true', '--Setup.Mode=None'],
    env: { STRONGROOM_Sevrer_Url: 'x' },
  })
  assert.deepEqual(
    notes.map(({ key, source, note }) => `${key} from the ${source} ${note}`),
    [
      'STRONGROOM_Sevrer_Url from the environment is unknown',
      'License.Eula.Accepted from the command line has no meaning here',
      'Setup.Mode from the command line has no meaning here',
    ],
  )
})

test('readConfig() refuses, from every source, settings whose promise it could not keep', () => {
  const inputs: Partial<ConfigInput>[] = [
    { args: ['--Security.AuditLog.FolderPath=/audit'] },
    { env: { RAVEN_Security_AuditLog_FolderPath: '/audit' } },
    { readText: () => '{"Security.AuditLog.FolderPath":"/audit"}' },
  ]
  for (const input of inputs) {
    assert.throws(
      () => configOf(input),
      (error) => hasCode(error, 'SettingNotBuilt'),
    )
  }
})
