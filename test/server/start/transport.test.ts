import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { mainCertificate } from '#server/start/transport.ts'
import { systemClock } from '#shared/clock.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import { caller } from '#test/support/caller.ts'
import * as certificates from '#test/support/certificates.ts'
import { filesBelow } from '#test/support/file-tree.ts'
import { mounted } from '#test/support/mounted.ts'
import { inDataFolder, runningServer, withoutAdministrator } from '#test/support/running-server.ts'

const pairOf = ({ certificate, privateKey }: Issued) => ({
  'tls.crt': certificatePem(certificate),
  'tls.key': privateKeyPem(privateKey),
})
const validity = certificates.days(90, systemClock.now())

test('openTransport() serves the configured PFX, makes no authority of its own, and follows the file', () =>
  inDataFolder(async (folder) => {
    const ca = await certificates.authority()
    const put = async () => {
      const { certificate, privateKey } = await certificates.server(ca, { validity })
      await writeFile(
        path,
        await writePfx({ certificates: [certificate], privateKey, password: 'open' }),
      )
      return certificate.thumbprint
    }
    const path = join(folder, 'server.pfx')
    const first = await put()
    const settings = [
      `--Security.Certificate.Path=${path}`,
      '--Security.Certificate.Password=open\n',
      withoutAdministrator,
    ]
    await using server = await runningServer(folder, settings)
    const shown = async () => {
      // A caller of its own for each look: an open connection keeps its certificate.
      await using open = caller({ url: server.url, ca: certificatePem(ca.certificate) })
      await open.get('/setup/alive')
      return (
        server.log.filter(({ thumbprint }) => thumbprint !== undefined).at(-1)?.thumbprint ?? first
      )
    }
    assert.equal(await shown(), first)
    const second = await put()
    // Two seconds until it is looked for, and what the password's rounds take on a busy machine.
    const deadline = performance.now() + 8_000
    while ((await shown()) !== second) assert(performance.now() < deadline, 'served')
    await writeFile(path, 'damaged')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    assert.equal(await shown(), second)
    assert(
      server.log.some(({ message }) => String(message).startsWith('Keeps the server certificate')),
    )
  }))

test('openTransport() refuses at start a certificate that does not cover the public name', () =>
  inDataFolder(async (folder) => {
    const { certificate, privateKey } = await certificates.server(await certificates.authority(), {
      validity,
    })
    const path = join(folder, 'server.pem')
    await writeFile(path, certificatePem(certificate) + privateKeyPem(privateKey))
    const settings = [
      `--Security.Certificate.Path=${path}`,
      '--PublicServerUrl=https://db.example.com',
    ]
    await assert.rejects(runningServer(folder, settings), {
      code: 'ServerCertificateUnusable',
      message: /db\.example\.com/,
    })
  }))

test('openTransport() gives its own certificate every name of the server', () =>
  inDataFolder(async (folder) => {
    await using server = await runningServer(folder, [
      '--PublicServerUrl=https://db.example.com:9443',
    ])
    assert.equal(server.url, 'https://db.example.com:9443')
    const [leaf] = readCertificates(await readFile(join(folder, 'certificates', 'server.crt')))
    for (const name of ['db.example.com', 'localhost']) assert(leaf?.dnsNames.includes(name), name)
    assert.deepEqual(leaf?.ipAddresses, ['127.0.0.1', '::1'])
  }))

test('openTransport() is content with an internal certificate, and leaves the public one to come', () =>
  inDataFolder(async (folder) => {
    const ca = await certificates.authority()
    const inner = await certificates.server(ca, { validity })
    const { path } = await mounted(join(folder, 'internal-tls'), pairOf(inner))
    const admins = await mounted(join(folder, 'admins'), {})
    const settings = [
      `--Security.Certificate.Internal.Path=${path}`,
      `--Security.Certificate.Path=${join(folder, 'server-tls')}`,
      `--Security.WellKnownCertificates.Admin.Path=${admins.path}`,
      '--PublicServerUrl=https://vault.example.com',
    ]
    await using server = await runningServer(join(folder, 'data'), settings)
    assert.equal(server.administrator, undefined)
    assert.deepEqual(filesBelow(join(folder, 'data', 'certificates')), [])
    assert.deepEqual(filesBelow(join(folder, 'data', 'keys')), ['master.key'])
    const said = server.log.map(({ message }) => message)
    assert(said.includes('Administrators of the folder'), 'an empty folder is worth a line')
  }))

for (const [settings, code, text] of [
  [['--Security.WellKnownCertificates.Admin.Path=FOLDER'], 'CertificateNotConfigured', /Internal/],
  [
    ['--ServerUrl=http://127.0.0.1:0', '--Security.Certificate.Internal.Path=FOLDER'],
    'CertificateWithoutHttps',
    /take Security\.Certificate\.Internal\.Path away/,
  ],
  [['--Security.Certificate.Internal.Path=FOLDER/nothing'], 'ServerCertificateUnreadable', /tls/],
] as const) {
  test(`openTransport() refuses ${settings.join(' ')}`, () =>
    inDataFolder(async (folder) => {
      const given = settings.map((setting) => setting.replace('FOLDER', folder))
      const started = runningServer(join(folder, 'data'), given)
      await assert.rejects(started, { code, message: text })
    }))
}

test('mainCertificate() is the public one, or else the internal one', async () => {
  const { certificate } = await certificates.authority()
  const other = (await certificates.authority()).certificate
  assert.equal(mainCertificate({ internal: other, public: certificate }), certificate)
  assert.equal(mainCertificate({ internal: other, public: undefined }), other)
  assert.equal(mainCertificate({ internal: undefined, public: undefined }), undefined)
})
