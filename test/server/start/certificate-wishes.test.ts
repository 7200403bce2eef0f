import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '#shared/clock.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { inDataFolder, runningServer, withoutAdministrator } from '#test/support/running-server.ts'

const validity = certificates.days(90, systemClock.now())

test('certificateWishes() serves what the program prints, and asks it again when its file changes', () =>
  inDataFolder(async (folder) => {
    const ca = await certificates.authority()
    const path = join(folder, 'printed.pem')
    const put = async () => {
      const { certificate, privateKey } = await certificates.server(ca, { validity })
      await writeFile(path, certificatePem(certificate) + privateKeyPem(privateKey))
      return certificate.thumbprint
    }
    await put()
    const settings = [
      '--Security.Certificate.Load.Exec=cat',
      `--Security.Certificate.Load.Exec.Arguments="${path}"`,
      withoutAdministrator,
    ]
    await using server = await runningServer(folder, settings)
    const second = await put()
    const served = () => server.log.some(({ thumbprint }) => thumbprint === second)
    const deadline = performance.now() + 2_500
    while (!served()) {
      assert(performance.now() < deadline, 'served within two seconds')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }))

const load = '--Security.Certificate.Load.Exec=/nonexistent/program'

test('certificateWishes() demands what the program prints, and takes one source of a certificate only', () =>
  inDataFolder(async (folder) => {
    const failed = { code: 'CertificateProgramFailed', message: /"\/nonexistent\/program"/ }
    await assert.rejects(runningServer(folder, [load, withoutAdministrator]), failed)
    await assert.rejects(runningServer(folder, [load, '--Security.Certificate.Path=server.pfx']), {
      code: 'CertificateTwice',
      message: /Security\.Certificate\.Path and Security\.Certificate\.Load\.Exec/,
    })
  }))

test('certificateSettings() are all refused on plain HTTP', () =>
  inDataFolder((folder) =>
    assert.rejects(runningServer(folder, [load, '--ServerUrl=http://127.0.0.1:0']), {
      code: 'CertificateWithoutHttps',
      message: /Security\.Certificate\.Load\.Exec/,
    }),
  ))
