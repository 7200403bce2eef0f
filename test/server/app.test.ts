import assert from 'node:assert/strict'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { filesBelow, foldersBelow } from '#test/support/file-tree.ts'
import { inDataFolder, runningServer, withoutAdministrator } from '#test/support/running-server.ts'

const certificateFiles = [
  'admin.crt',
  'admin.key',
  'admin.pem',
  'admin.pfx',
  'ca.crt',
  'server.crt',
  'server.key',
]

test('startServer() makes at first start what it needs, for its owner only, and names the administrator', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder)
    assert.equal(server.administrator, join(folder, 'certificates', 'admin.pfx'))
    assert.deepEqual((await readdir(join(folder, 'certificates'))).sort(), certificateFiles)
    for (const file of filesBelow(folder)) {
      assert.equal((await stat(join(folder, file))).mode & 0o077, 0, file)
    }
    for (const below of foldersBelow(folder)) {
      assert.equal((await stat(join(folder, below))).mode & 0o777, 0o700, below)
    }
    const pem = await readFile(join(folder, 'certificates', 'admin.pem'), 'utf8')
    assert.match(pem, /^-----BEGIN RSA PRIVATE KEY-----/)
  }))

test('startServer() lets its administrator in, and tells others apart from him in the audit', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder)
    await using admin = await server.caller()
    await using nobody = await server.caller(null)
    const whoAmI = await admin.get('/certificates/whoami')
    assert.equal(whoAmI.json().SecurityClearance, 'ClusterAdmin')
    assert.equal(whoAmI.headers['raven-server-version'], '7.2.7')
    assert.equal(whoAmI.headers['strict-transport-security'], 'max-age=31536000')
    const refused = await nobody.get('/databases')
    assert.equal(refused.status, 403)
    assert.equal(refused.json().Type, 'InvalidAuth')
    assert.deepEqual(
      server.audited.map(({ act }) => act),
      ['certificate registered', 'access refused'],
    )
  }))

test('startServer() uses at its next start what is there, byte for byte', () =>
  inDataFolder(async (folder) => {
    const files = async () =>
      Promise.all(certificateFiles.map((file) => readFile(join(folder, 'certificates', file))))
    let before: Buffer[]
    {
      await using server = await runningServer(folder)
      await using admin = await server.caller()
      await admin.put('/admin/databases?name=orders', { DatabaseName: 'orders', Settings: {} })
      await admin.put('/databases/orders/docs?id=users/1', { Name: 'Ann' })
      before = await files()
    }
    await using server = await runningServer(folder)
    assert.deepEqual(await files(), before)
    await using admin = await server.caller()
    const loaded = await admin.get('/databases/orders/docs?id=users/1')
    assert.equal((loaded.json().Results as { Name: string }[])[0]?.Name, 'Ann')
    assert.deepEqual(server.audited, [])
  }))

test('startServer() never makes a second administrator, nor gives back files that were taken away', () =>
  inDataFolder(async (folder) => {
    await (await runningServer(folder))[Symbol.asyncDispose]()
    await rm(join(folder, 'certificates', 'admin.pfx'))
    await using server = await runningServer(folder)
    assert.equal(server.administrator, undefined)
    assert.deepEqual(server.audited, [])
  }))

test('startServer() answers topologies under the name by which the caller came', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder)
    await using admin = await server.caller()
    const host = `localhost:${new URL(server.url).port}`
    const members = async (headers: Record<string, string>) => {
      const answer = await admin.get('/cluster/topology', headers)
      return (answer.json().Topology as { Members: unknown }).Members
    }
    assert.deepEqual(await members({ host }), { A: `https://${host}` })
    assert.deepEqual(await members({}), { A: server.url })
  }))

test('startServer() tells clients of an older topology to ask again', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder)
    await using admin = await server.caller()
    const refresh = async (etag: string) =>
      (await admin.get('/databases', { 'cluster-topology-etag': etag })).headers['refresh-topology']
    assert.equal(await refresh('"1"'), undefined)
    assert.equal(await refresh('"0"'), 'true')
  }))

test('startServer() says how it is in metrics, to the registered only', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder)
    await using admin = await server.caller()
    await using nobody = await server.caller(null)
    const { text } = await admin.get('/metrics')
    assert.match(text, /^strongroom_certificates_registered 1$/m)
    assert.match(text, /^strongroom_server_certificate_expiry_seconds 77\d+/m)
    assert.match(text, /^strongroom_commits [1-9]/m)
    assert.equal((await nobody.get('/metrics')).status, 403)
  }))

test('startServer() on plain HTTP asks nobody, makes no certificate, and encrypts nothing', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder, ['--ServerUrl=http://127.0.0.1:0'])
    assert.equal(server.administrator, undefined)
    assert.deepEqual(await readdir(join(folder, 'certificates')), [])
    const put = (body: object) =>
      fetch(`${server.url}/admin/databases?name=a`, { method: 'PUT', body: JSON.stringify(body) })
    const answer = await put({ DatabaseName: 'a', Encrypted: true })
    assert.equal(answer.headers.get('strongroom-error'), 'EncryptionNeedsHttps')
    assert.equal((await put({ DatabaseName: 'a' })).status, 201)
    assert.equal(
      (await fetch(`${server.url}/cluster/topology`)).headers.get('strict-transport-security'),
      null,
    )
  }))

for (const [settings, code] of [
  [['--ServerUrl=http://0.0.0.0:0'], 'UnsecuredAccessRefused'],
  [
    ['--ServerUrl=http://127.0.0.1:0', '--Security.UnsecuredAccessAllowed=None'],
    'UnsecuredAccessRefused',
  ],
  [
    ['--ServerUrl=http://127.0.0.1:0', '--Security.Certificate.Path=/a.pfx'],
    'CertificateWithoutHttps',
  ],
  [['--Security.Certificate.Path=/nonexistent.pfx'], 'ServerCertificateUnreadable'],
  [['--Security.MasterKey.Path=/nonexistent'], 'MasterKeyMissing'],
  [['--PublicServerUrl=nowhere'], 'ServerUrlInvalid'],
  [['--Security.WellKnownCertificates.Admin=abc'], 'WellKnownInvalid'],
] as const) {
  test(`startServer() with ${settings.at(-1)} stops with ${code} and leaves nothing open`, () =>
    inDataFolder(async (folder) => {
      await assert.rejects(runningServer(folder, settings), { code })
      // What was left open would hold the folder.
      await (await runningServer(folder, [withoutAdministrator]))[Symbol.asyncDispose]()
    }))
}

test('startServer() in memory forgets everything, and writes certificates only', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder, ['--RunInMemory=true'])
    await using admin = await server.caller()
    assert.equal((await admin.put('/admin/databases?name=a', { DatabaseName: 'a' })).status, 201)
    assert.deepEqual(
      filesBelow(folder),
      certificateFiles.map((file) => join('certificates', file)),
    )
  }))
