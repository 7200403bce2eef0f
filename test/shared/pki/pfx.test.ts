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
import { type Asn1, childrenOf, integerOf, octetsOf, parse } from '#shared/pki/ber.ts'
import { type Certificate, isKeyOf } from '#shared/pki/certificate.ts'
import { explicit, nothing, octets, sequence } from '#shared/pki/der.ts'
import { integer, oid } from '#shared/pki/der-values.ts'
import { type Issued, makeKeyPair } from '#shared/pki/issue.ts'
import { pfxWorkMax } from '#shared/pki/limits.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { ids } from '#shared/pki/pfx-ids.ts'
import { isPfx, readPfx, readPfxCertificates } from '#shared/pki/pfx-read.ts'
import { PfxWork } from '#shared/pki/pfx-work.ts'
import { encryptedKeyPem, writePfx } from '#shared/pki/pfx-write.ts'
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

test('writePfx() and encryptedKeyPem() let nobody guess a password by fewer than 100,000 rounds', async () => {
  const { certificate, privateKey } = await client(ca)
  const content = { certificates: [certificate], privateKey }
  const pem = await encryptedKeyPem(privateKey, 'secret')
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64')
  assert.deepEqual(roundsIn(der), [100_000])
  assert.deepEqual(
    roundsIn(await writePfx({ ...content, password: 'secret' })),
    [100_000, 100_000, 100_000],
  )
  assert.deepEqual(roundsIn(await writePfx(content)), [2048, 2048, 2048])
})

/** Small numbers that stand behind an octet string, as rounds stand behind their salt. */
function roundsIn(der: Buffer): number[] {
  const within = (value: Asn1): number[] =>
    value.children.flatMap((child, at) => {
      const isRounds = child.tag === 0x02 && value.children[at - 1]?.tag === 0x04
      const isRoundsOfMac = isRounds || (child.tag === 0x02 && at === 2)
      if (isRoundsOfMac) return [integerOf(child)]
      return child.tag === 0x04 ? nested(child.content) : within(child)
    })
  const nested = (bytes: Buffer): number[] => {
    try {
      return bytes[0] === 0x30 ? within(parse(bytes)) : []
    } catch {
      return []
    }
  }
  return within({ tag: 0x30, children: [parse(der)], content: der, encoded: der })
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

const unicode = 'pässwört 密码🔑'
const folder = new URL('../../support/pfx-files/', import.meta.url)
const files: Readonly<Record<string, readonly [password: string, names: readonly string[]]>> = {
  'openssl-legacy': ['secret', ['one', 'Fixture CA']],
  'openssl-legacy-empty': ['', ['one', 'Fixture CA']],
  'openssl-rc2-128': ['secret', ['one', 'Fixture CA']],
  'openssl-2des': ['secret', ['one', 'Fixture CA']],
  'openssl-no-mac': ['secret', ['one', 'Fixture CA']],
  'openssl-no-mac-empty': ['', ['one', 'Fixture CA']],
  'openssl-no-mac-legacy-empty': ['', ['one', 'Fixture CA']],
  'openssl-pbes2-3des': ['secret', ['one', 'Fixture CA']],
  'openssl-aes128': ['secret', ['one', 'Fixture CA']],
  'openssl-aes192': ['secret', ['one', 'Fixture CA']],
  'openssl-unencrypted': ['secret', ['one', 'Fixture CA']],
  'openssl-unicode': [unicode, ['one', 'Fixture CA']],
  'openssl-unicode-legacy': [unicode, ['one', 'Fixture CA']],
  'pbmac1-unicode': [unicode, ['one', 'Fixture CA']],
  'java-two': ['secret', ['two', 'one']],
  gnutls: ['secret', ['one', 'Fixture CA']],
  nss: ['secret', ['one', 'Fixture CA']],
  'nss-unicode': ['pässwört 密码', ['one', 'Fixture CA']],
}

const fileOf = (name: string) => readFile(new URL(`${name}.pfx`, folder))

for (const [name, [password, names]] of Object.entries(files)) {
  test(`readPfx() reads ${name}.pfx, as that program makes it`, async () => {
    const { certificates, privateKey } = await readPfx(await fileOf(name), password)
    assert.deepEqual(
      certificates.map(({ commonName }) => commonName),
      names,
    )
    assert.ok(privateKey !== undefined && isKeyOf(certificates[0] as Certificate, privateKey))
  })
}

test('readPfx() refuses the wrong password, also where there is no MAC', async () => {
  for (const name of [
    'openssl-legacy',
    'openssl-no-mac',
    'openssl-no-mac-legacy-empty',
    'java-two',
    'pbmac1-unicode',
  ])
    await assert.rejects(readPfx(await fileOf(name), 'wrong'), unreadable, name)
})

test('readPfx() refuses a PBMAC1 file that was changed', async () => {
  const file = await fileOf('pbmac1-unicode')
  for (let at = 60; at < file.length; at += 97) {
    const changed = Buffer.from(file)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    await assert.rejects(readPfx(changed, unicode), unreadable, `byte ${at}`)
  }
})

test('readPfxCertificates() names those first that a key is for, and decrypts no key', async () => {
  const named = async (name: string, password = 'secret') =>
    (await readPfxCertificates(await fileOf(name), password)).map(({ commonName }) => commonName)
  assert.deepEqual(await named('java-two'), ['two', 'one'])
  const pfx = await writePfx({
    certificates: [own.certificate, ca.certificate],
    privateKey: own.privateKey,
  })
  assert.equal((await readPfxCertificates(pfx))[0]?.thumbprint, own.certificate.thumbprint)
  // The key's own rounds, which stand last of the three, do not count.
  const greedy = await demanding(0x7fffffff, { key: true })
  assert.equal((await readPfxCertificates(greedy)).length, 1)
  await assert.rejects(readPfx(greedy), /rounds of key derivation/)
})

test('readPfx() keeps the thread free while it derives keys of 600,000 rounds', async () => {
  const before = performance.eventLoopUtilization()
  await readPfx(await fileOf('gnutls'), 'secret')
  const { active, idle } = performance.eventLoopUtilization(before)
  assert.ok(active < idle / 2, `${active} ms of work while ${idle} ms were waited`)
})

test('readPfx() refuses a file that demands more work in all than any part of it may', async () => {
  const most = pfxWorkMax
  for (const rounds of [0x7fffffff, most + 1]) {
    const started = performance.now()
    await assert.rejects(
      readPfx(await demanding(rounds, { mac: true })),
      /rounds of key derivation/,
    )
    await assert.rejects(
      readPfx(await demanding(rounds, { key: true })),
      /rounds of key derivation/,
    )
    assert.ok(performance.now() - started < 2000)
  }
  const work = new PfxWork()
  const pay = (rounds: number, bytes: number) =>
    work.pbkdf2({ digest: 'sha1', password: Buffer.alloc(0), salt: Buffer.alloc(8), rounds, bytes })
  await assert.rejects(pay(most / 2 + 1, 24), unreadable)
  await pay(1, 20)
  await assert.rejects(pay(most, 20), unreadable)
  for (const [rounds, bytes] of [
    [0, 20],
    [1, 0],
  ] as const)
    await assert.rejects(pay(rounds, bytes), unreadable)
})

/** A file without content to speak of, whose MAC, or whose only key, demands so many rounds. */
async function demanding(rounds: number, what: { readonly mac?: boolean; readonly key?: boolean }) {
  const salt = octets(Buffer.alloc(8))
  const params = sequence(salt, integer(rounds), sequence(oid(ids.hmacSha256), nothing()))
  const scheme = sequence(oid(ids.aes256), octets(Buffer.alloc(16)))
  const pbes2 = sequence(
    oid(ids.passwordEncryption2),
    sequence(sequence(oid(ids.pbkdf2), params), scheme),
  )
  const key = sequence(
    oid(ids.shroudedKeyBag),
    explicit(0, sequence(pbes2, octets(Buffer.alloc(32)))),
  )
  const certificate = sequence(
    oid(ids.certificateBag),
    explicit(0, sequence(oid(ids.x509Certificate), explicit(0, octets(own.certificate.der)))),
  )
  const bags = what.key === true ? [certificate, key] : [certificate]
  const data = (content: Buffer) => sequence(oid(ids.data), explicit(0, octets(content)))
  const digestInfo = sequence(sequence(oid(ids.sha256), nothing()), octets(Buffer.alloc(32)))
  const mac = what.mac === true ? [sequence(digestInfo, salt, integer(rounds))] : []
  return sequence(integer(3), data(sequence(data(sequence(...bags)))), ...mac)
}

test('readPfx() reads indefinite lengths and octets in pieces, as BER has them', async () => {
  const [version, authenticated] = childrenOf(parse(await fileOf('openssl-no-mac')))
  const content = octetsOf(childrenOf(childrenOf(authenticated)[1])[0])
  const end = Buffer.from([0, 0])
  const open = (tag: number, ...parts: Buffer[]) =>
    Buffer.concat([Buffer.from([tag, 0x80]), ...parts, end])
  const pieces = [content.subarray(0, 100), content.subarray(100)].map((piece) => octets(piece))
  const file = open(
    0x30,
    version?.encoded ?? end,
    open(0x30, oid(ids.data), open(0xa0, open(0x24, ...pieces))),
  )
  assert.equal((await readPfx(file, 'secret')).certificates[0]?.commonName, 'one')
})

test('isPfx() and readPfx() refuse a file of a hundred thousand values at once', async () => {
  const many = sequence(
    integer(3),
    sequence(Buffer.concat(Array.from({ length: 100_000 }, () => nothing()))),
  )
  const started = performance.now()
  assert.equal(isPfx(many), false)
  await assert.rejects(readPfx(many), unreadable)
  assert.ok(performance.now() - started < 1000)
})

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
