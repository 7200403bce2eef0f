import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '#shared/clock.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import { caller } from '#test/support/caller.ts'
import * as certificates from '#test/support/certificates.ts'
import { inDataFolder, runningServer, withoutAdministrator } from '#test/support/running-server.ts'

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
      '--Security.Certificate.Password=open',
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
    const deadline = performance.now() + 2_000
    while ((await shown()) !== second)
      assert(performance.now() < deadline, 'served within two seconds')
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
    assert.deepEqual(leaf?.ipAddresses, ['127.0.0.1', '0:0:0:0:0:0:0:1'])
  }))
