import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { CodedError, hasCode } from '#shared/errors.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { readPfx } from '#shared/pki/pfx-read.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import { authority, client } from '#test/support/certificates.ts'

const run = promisify(execFile)
const passwords = ['', 'secret', 'pässwört 密码']
const unreadable = (error: unknown): boolean => hasCode(error, 'PfxUnreadable')
let ca: Issued
let own: Issued

before(async () => {
  ca = await authority()
  own = await client(ca, { keys: await makeKeyPair('rsa-3072'), commonName: 'shop ä' })
})

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-pfx-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

for (const password of passwords) {
  const named = password === '' ? 'without a password' : `with the password ${password}`

  test(`writePfx() ${named} is read by readPfx(), Node’s TLS and OpenSSL`, async () => {
    const certificates = [own.certificate, ca.certificate]
    const pfx = await writePfx({ certificates, privateKey: own.privateKey, password })
    const read = await readPfx(pfx, password)
    assert.deepEqual(
      read.certificates.map((one) => one.thumbprint),
      certificates.map((one) => one.thumbprint),
    )
    assert.ok(read.privateKey?.equals(own.privateKey))
    createSecureContext(password === '' ? { pfx } : { pfx, passphrase: password })
    await inFolder(async (folder) => {
      const file = join(folder, 'a.pfx')
      await writeFile(file, pfx)
      const { stdout, stderr } = await run('openssl', [
        'pkcs12',
        '-in',
        file,
        '-info',
        '-nodes',
        '-passin',
        `pass:${password}`,
      ])
      assert.match(stdout, /BEGIN PRIVATE KEY/)
      assert.equal(stdout.match(/BEGIN CERTIFICATE/g)?.length, 2)
      assert.match(stderr, /MAC: sha256/)
      assert.match(stderr, /PBES2, PBKDF2, AES-256-CBC/)
    })
  })

  test(`readPfx() reads what OpenSSL wrote ${named}, today’s ciphers and triple DES`, async () => {
    await inFolder(async (folder) => {
      const [key, crt, chain, pfx] = ['key', 'crt', 'ca', 'pfx'].map((name) =>
        join(folder, name),
      ) as [string, string, string, string]
      await writeFile(key, privateKeyPem(own.privateKey))
      await writeFile(crt, certificatePem(own.certificate))
      await writeFile(chain, certificatePem(ca.certificate))
      const old = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']
      for (const ciphers of [[], old]) {
        await run('openssl', [
          'pkcs12',
          '-export',
          '-inkey',
          key,
          '-in',
          crt,
          '-certfile',
          chain,
          '-out',
          pfx,
          '-passout',
          `pass:${password}`,
          ...ciphers,
        ])
        const read = await readPfx(await readFile(pfx), password)
        assert.ok(read.privateKey?.equals(own.privateKey))
        assert.equal(read.certificates[0]?.thumbprint, own.certificate.thumbprint)
        assert.equal(read.certificates.length, 2)
      }
    })
  })
}

test('writePfx() without a key is a collection of certificates', async () => {
  const { privateKey, certificates } = await readPfx(
    await writePfx({ certificates: [ca.certificate] }),
  )
  assert.equal(privateKey, undefined)
  assert.equal(certificates[0]?.thumbprint, ca.certificate.thumbprint)
})

test('readPfx() refuses a wrong password', async () => {
  const pfx = await writePfx({ certificates: [own.certificate], password: 'right' })
  await assert.rejects(readPfx(pfx, 'wrong'), unreadable)
  await assert.rejects(readPfx(pfx), unreadable)
})

test('readPfx() refuses more rounds of key derivation than it does', async () => {
  const pfx = await writePfx({ certificates: [own.certificate] })
  // The MAC's rounds stand at the very end: INTEGER of two bytes, 2048. As three bytes they would not fit; 0x7fff… is the largest.
  assert.deepEqual([...pfx.subarray(-4)], [2, 2, 8, 0])
  const demanding = Buffer.concat([
    pfx.subarray(0, -4),
    Buffer.from([2, 4, 0x7f, 0xff, 0xff, 0xff]),
  ])
  for (const lengthAt of sequenceLengths(demanding))
    demanding.writeUInt16BE(demanding.readUInt16BE(lengthAt) + 2, lengthAt)
  await assert.rejects(readPfx(demanding), /rounds of key derivation/)
})

/** Where the length of the whole stands; that of the MAC's sequence is one byte, and adjusted in place. */
function sequenceLengths(pfx: Buffer): number[] {
  const macSequence = pfx.length - 6 - 18 - 2 - 49 - 1
  pfx.writeUInt8(pfx.readUInt8(macSequence) + 2, macSequence)
  return [2]
}

test('readPfx() answers hostile bytes with a coded error or with the content', async () => {
  const pfx = await writePfx({ certificates: [own.certificate], privateKey: own.privateKey })
  const change = fc.record({
    at: fc.nat(pfx.length - 1),
    value: fc.nat(255),
    cut: fc.option(fc.nat(pfx.length)),
  })
  await fc.assert(
    fc.asyncProperty(change, async ({ at, value, cut }) => {
      const bytes = Buffer.from(pfx.subarray(0, cut ?? pfx.length))
      if (at < bytes.length) bytes[at] = value
      try {
        await readPfx(bytes)
      } catch (error) {
        assert.ok(error instanceof CodedError, String(error))
      }
    }),
    { numRuns: 300 },
  )
})
