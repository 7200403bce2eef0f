import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { inDataFolder, runningServer, withoutAdministrator } from '#test/support/running-server.ts'
import { until } from '#test/support/standalone.ts'

const order = (given: Readonly<Record<string, string>>) => [
  withoutAdministrator,
  '--Security.Certificate.LetsEncrypt.Names=vault.example.com',
  ...Object.entries(given).map(
    ([key, value]) => `--Security.Certificate.LetsEncrypt.${key}=${value}`,
  ),
]
const nobody = { Email: 'ops@example.com', Directory: 'https://127.0.0.1:1/directory' }

test('startOrdering() lets the server serve a certificate of its own while the CA does not answer, and says so', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder, order(nobody))
    const line = await until('a word in the log', () =>
      server.log.find(({ message }) => String(message).startsWith('Cannot order a server')),
    )
    assert.match(String(line.message), /https:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/)
    assert.deepEqual(Object.keys(line).includes('error'), false, 'without a stack')
    await using caller = await server.caller(null)
    assert.equal((await caller.get('/health/ready')).status, 204)
  }))

test('startOrdering() says at start what can never work', () =>
  inDataFolder(async (folder) => {
    const refused = (given: Readonly<Record<string, string>>, message: RegExp) =>
      assert.rejects(runningServer(folder, order({ ...nobody, ...given })), {
        code: 'OrderSettingInvalid',
        message,
      })
    await refused({ Email: 'ops' }, /\.Email/)
    await refused({ Challenge: 'Dns01' }, /\.Dns\.Path is missing/)
    await refused({ Challenge: 'Http01', 'Http.Url': 'https://127.0.0.1:0' }, /\.Http\.Url/)
    await using http = await runningServer(
      join(folder, 'other'),
      order({ ...nobody, Challenge: 'Http01', 'Http.Url': 'http://127.0.0.1:0' }),
    )
    assert.notEqual(http.url, '')
    const path = join(folder, 'server.pem')
    await writeFile(path, '')
    await assert.rejects(
      runningServer(folder, [...order(nobody), `--Security.Certificate.Path=${path}`]),
      { code: 'CertificateTwice' },
    )
  }))
