import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { filesSource } from '#server/tls/certificate-source.ts'
import { FollowedCertificate, type FollowedParts } from '#server/tls/followed-certificate.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import * as certificates from '#test/support/certificates.ts'
import { mounted } from '#test/support/mounted.ts'
import { temporaryFolder } from '#test/support/storage.ts'

let first: Issued
let second: Issued
before(async () => {
  const ca = await certificates.authority()
  first = await certificates.server(ca)
  second = await certificates.server(ca)
})

const contents = ({ certificate, privateKey }: Issued) => ({
  'tls.crt': certificatePem(certificate),
  'tls.key': privateKeyPem(privateKey),
})

function follow(
  path: string,
  given: Partial<Pick<FollowedParts, 'optional' | 'everyMs' | 'clock'>> = {},
) {
  const swapped: string[] = []
  const refused: unknown[] = []
  const withdrawn: true[] = []
  return FollowedCertificate.open({
    source: filesSource({ path, keyPath: undefined, password: undefined }),
    hosts: ['localhost'],
    optional: false,
    clock: { now: () => certificates.year2026 },
    swapped: ({ certificate }) => swapped.push(certificate.sha256),
    refused: (error) => refused.push(error),
    withdrawn: () => withdrawn.push(true),
    everyMs: 1_000_000,
    ...given,
  }).then((followed) => ({ followed, swapped, refused, withdrawn }))
}

test('FollowedCertificate makes one context for each certificate, and knows the names of the current one', async () => {
  await using folder = await temporaryFolder()
  const mount = await mounted(folder.path, contents(first))
  const { followed, swapped } = await follow(folder.path)
  await using _closed = followed
  const { context } = followed
  assert.notEqual(context, undefined)
  await followed.look()
  assert.equal(followed.context, context)
  assert.equal(followed.covers('localhost') && !followed.covers('example.com'), true)
  await mount.swap(contents(second))
  await followed.look()
  assert.notEqual(followed.context, context)
  assert.equal(followed.current?.certificate.sha256, second.certificate.sha256)
  assert.deepEqual(swapped, [second.certificate.sha256])
})

test('FollowedCertificate that is optional begins with none, covers nothing, and takes the one that comes', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'later')
  const { followed, swapped } = await follow(path, { optional: true, everyMs: 10 })
  await using _closed = followed
  assert.equal(followed.current, undefined)
  assert.equal(followed.covers('localhost'), false)
  await mounted(path, contents(first))
  for (let turn = 0; turn < 200 && swapped.length === 0; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.deepEqual(swapped, [first.certificate.sha256])
  assert.equal(followed.covers('localhost'), true)
})

test('FollowedCertificate reports once what it does not take at start, where it may start without', async () => {
  await using folder = await temporaryFolder()
  await mounted(folder.path, { 'tls.crt': 'damaged', 'tls.key': 'damaged' })
  const { followed, refused } = await follow(folder.path, { optional: true })
  await using _closed = followed
  await followed.look()
  assert.equal(refused.length, 1)
  await assert.rejects(follow(folder.path), { code: 'ServerCertificateUnreadable' })
})

const from = certificates.year2026 + 86_400_000

async function beginningAt(notBefore: number): Promise<Issued> {
  const ca = await certificates.authority()
  return certificates.server(ca, { validity: { notBefore, notAfter: notBefore + 86_400_000 } })
}

test('FollowedCertificate takes one that begins later when it begins, and reports it once until then', async () => {
  await using folder = await temporaryFolder()
  const later = await beginningAt(from)
  const mount = await mounted(folder.path, contents(first))
  let now = certificates.year2026
  const { followed, swapped, refused } = await follow(folder.path, { clock: { now: () => now } })
  await using _closed = followed
  await mount.swap(contents(later))
  for (now of [now, now, from - 1]) await followed.look()
  assert.equal(followed.current?.certificate.sha256, first.certificate.sha256)
  assert.equal(refused.length, 1)
  now = from
  for (let times = 0; times < 2; times += 1) await followed.look()
  assert.deepEqual(swapped, [later.certificate.sha256])
  assert.equal(refused.length, 1)
})

test('FollowedCertificate that begins later forgets that where other files come first', async () => {
  await using folder = await temporaryFolder()
  const later = await beginningAt(from)
  const mount = await mounted(folder.path, contents(later))
  let now = certificates.year2026
  const { followed, swapped } = await follow(folder.path, {
    optional: true,
    clock: { now: () => now },
  })
  await using _closed = followed
  assert.equal(followed.current, undefined)
  await mount.swap(contents(second))
  await followed.look()
  now = from
  await followed.look()
  assert.deepEqual(swapped, [second.certificate.sha256])
})

for (const optional of [true, false]) {
  const does = optional ? 'that is optional is no longer served' : 'that is the only one stays'
  test(`FollowedCertificate ${does} when its files are removed`, async () => {
    await using folder = await temporaryFolder()
    const mount = await mounted(folder.path, contents(first))
    const { followed, swapped, withdrawn } = await follow(folder.path, { optional })
    await using _closed = followed
    await mount.swap({})
    for (let times = 0; times < 3; times += 1) await followed.look()
    assert.equal(followed.covers('localhost'), !optional)
    assert.equal(followed.context === undefined, optional)
    assert.equal(withdrawn.length, optional ? 1 : 0)
    await mount.swap(contents(first))
    await followed.look()
    assert.equal(followed.current?.certificate.sha256, first.certificate.sha256)
    assert.equal(swapped.length, 1)
  })
}
