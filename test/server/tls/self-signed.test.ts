import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { leafFiles, renewWhereDue } from '#server/tls/self-signed.ts'
import { loadServerCertificate } from '#server/tls/server-certificate.ts'
import { isSelfSigned, readCertificates, verifyIssuedBy } from '#shared/pki/certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import * as certificates from '#test/support/certificates.ts'

const start = Date.UTC(2026, 0, 1)
const dayMs = 24 * 60 * 60 * 1000

let authority: Issued
before(async () => {
  authority = await certificates.authority()
})

async function inFolder(work: (own: Own) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-own-'))
  const renewed = async (
    now = start,
    hosts = ['localhost', '127.0.0.1', '::1'],
    signer = authority,
  ) => {
    await renewWhereDue({ authority: signer, folder, hosts, clock: { now: () => now } })
    return (await loadServerCertificate(leafFiles(folder), { hosts, now })).certificate
  }
  try {
    await work({ folder, renewed })
  } finally {
    await rm(folder, { recursive: true })
  }
}

interface Own {
  readonly folder: string
  readonly renewed: (
    now?: number,
    hosts?: string[],
    signer?: Issued,
  ) => ReturnType<typeof loadServerCertificate> extends Promise<
    infer S extends { certificate: unknown }
  >
    ? Promise<S['certificate']>
    : never
}

test('renewWhereDue() makes a leaf for all hosts that the authority in ca.crt verifies, private files both', () =>
  inFolder(async ({ folder, renewed }) => {
    const leaf = await renewed()
    const [ca] = readCertificates(await readFile(join(folder, 'ca.crt')))
    assert(ca !== undefined && isSelfSigned(ca) && verifyIssuedBy(leaf, ca))
    assert.deepEqual(leaf.dnsNames, ['localhost'])
    for (const file of ['ca.crt', 'server.crt', 'server.key']) {
      assert.equal((await stat(join(folder, file))).mode & 0o777, 0o600)
    }
  }))

test('renewWhereDue() leaves a good one alone for two thirds of its life, then makes another', () =>
  inFolder(async ({ renewed }) => {
    const first = await renewed()
    assert.equal((await renewed(start + 59 * dayMs)).thumbprint, first.thumbprint)
    const second = await renewed(start + 60 * dayMs)
    assert.notEqual(second.thumbprint, first.thumbprint)
    assert(second.notAfter > start + 149 * dayMs)
  }))

test('renewWhereDue() makes another where the server gets a further name', () =>
  inFolder(async ({ renewed }) => {
    const first = await renewed()
    const second = await renewed(start, ['localhost', 'db.example.com'])
    assert.notEqual(second.thumbprint, first.thumbprint)
  }))

for (const [name, file, content] of [
  ['is half written', 'server.crt', '-----BEGIN CERTIFICATE-----\nMII'],
  ['lost its key', 'server.key', ''],
] as const) {
  test(`renewWhereDue() replaces one that ${name}`, () =>
    inFolder(async ({ folder, renewed }) => {
      const first = await renewed()
      await writeFile(join(folder, file), content)
      assert.notEqual((await renewed()).thumbprint, first.thumbprint)
    }))
}

test('renewWhereDue() replaces one that another authority signed, and ca.crt with it', () =>
  inFolder(async ({ folder, renewed }) => {
    await renewed()
    const other = await certificates.authority()
    const leaf = await renewed(start, ['localhost'], other)
    const [ca] = readCertificates(await readFile(join(folder, 'ca.crt')))
    assert(ca !== undefined && verifyIssuedBy(leaf, ca))
  }))
