import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { CertificateWatch } from '#server/tls/certificate-watch.ts'
import {
  fingerprint,
  loadServerCertificate,
  type ServerCertificate,
} from '#server/tls/server-certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'

let texts: string[]
let issued: Issued[]
before(async () => {
  const ca = await certificates.authority()
  issued = [await certificates.server(ca), await certificates.server(ca)]
  texts = issued.map(
    ({ certificate, privateKey }) => certificatePem(certificate) + privateKeyPem(privateKey),
  )
})

async function watching(work: (seen: Seen) => Promise<void>, everyMs = 1_000_000) {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-watch-'))
  const path = join(folder, 'server.pem')
  await writeFile(path, texts[0] ?? '')
  const files = { path, keyPath: undefined, password: undefined }
  const seen = { served: [] as ServerCertificate[], refused: [] as unknown[], path }
  const load = () => loadServerCertificate(files, { hosts: [], now: certificates.year2026 })
  const watch = new CertificateWatch(
    {
      files,
      load,
      serve: (certificate) => void seen.served.push(certificate),
      refused: (error) => void seen.refused.push(error),
      everyMs,
    },
    await fingerprint(files),
  )
  try {
    await work({ ...seen, look: () => watch.look() })
  } finally {
    await watch.close()
    await rm(folder, { recursive: true })
  }
}

interface Seen {
  readonly served: readonly ServerCertificate[]
  readonly refused: readonly unknown[]
  readonly path: string
  look(): Promise<void>
}

test('CertificateWatch serves a changed certificate once, and one that stayed not at all', () =>
  watching(async ({ served, path, look }) => {
    await look()
    assert.equal(served.length, 0)
    await writeFile(path, texts[1] ?? '')
    await look()
    await look()
    assert.deepEqual(
      served.map(({ certificate }) => certificate.thumbprint),
      [issued[1]?.certificate.thumbprint],
    )
  }))

test('CertificateWatch refuses a damaged one once, waits while it is missing, and serves the next good one', () =>
  watching(async ({ served, refused, path, look }) => {
    await writeFile(path, 'damaged')
    await look()
    await look()
    assert.deepEqual([served.length, refused.length], [0, 1])
    await rm(path)
    await look()
    assert.equal(refused.length, 1)
    await writeFile(path, texts[1] ?? '')
    await look()
    assert.equal(served.length, 1)
  }))

test('CertificateWatch looks by itself', () =>
  watching(async ({ served, path }) => {
    await writeFile(path, texts[1] ?? '')
    for (let turn = 0; turn < 100 && served.length === 0; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.equal(served.length, 1)
  }, 10))
