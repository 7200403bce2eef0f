import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { filesSource, withFallback } from '#server/tls/certificate-source.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { temporaryFolder } from '#test/support/storage.ts'

const demands = { hosts: ['localhost'], now: certificates.year2026 }
const pemOf = ({ certificate, privateKey }: Issued) =>
  certificatePem(certificate) + privateKeyPem(privateKey)

async function scene() {
  const folder = await temporaryFolder()
  const ca = await certificates.authority()
  const [first, second] = [await certificates.server(ca), await certificates.server(ca)]
  const paths = { first: join(folder.path, 'first.pem'), second: join(folder.path, 'second.pem') }
  const source = (path: string) => filesSource({ path, keyPath: undefined, password: undefined })
  await writeFile(paths.second, pemOf(second))
  const refused: unknown[] = []
  const both = withFallback(source(paths.first), source(paths.second), (error) =>
    refused.push(error),
  )
  return { folder, first, second, paths, both, refused }
}

test('withFallback() gives the second one, under whatever name, until the first comes', async () => {
  const { folder, first, second, paths, both } = await scene()
  await using _gone = folder
  const before = await both.mark()
  const given = await both.load({ ...demands, hosts: ['vault.example.com'] })
  assert.equal(given.certificate.sha256, second.certificate.sha256)
  await writeFile(paths.first, pemOf(first))
  assert.notEqual(await both.mark(), before)
  const mark = await both.mark()
  await writeFile(paths.second, 'another')
  assert.equal(await both.mark(), mark)
  assert.equal((await both.load(demands)).certificate.sha256, first.certificate.sha256)
})

test('withFallback() says why it gives the second one at start, and fails for the same later', async () => {
  const { folder, second, paths, both, refused } = await scene()
  await using _gone = folder
  await writeFile(paths.first, 'damaged')
  assert.equal((await both.load(demands)).certificate.sha256, second.certificate.sha256)
  assert.equal(refused.length, 1)
  await assert.rejects(both.load(demands), { code: 'ServerCertificateUnreadable' })
})
