import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { certificateMark, loadServerCertificate } from '#server/tls/server-certificate.ts'
import { hasCode } from '#shared/errors.ts'
import { utf8 } from '#shared/pki/der-values.ts'
import { type Issued, type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import * as certificates from '#test/support/certificates.ts'
import { handmade, impossibleTimes, nameOf } from '#test/support/handmade-certificates.ts'
import { mounted } from '#test/support/mounted.ts'

const demands = { hosts: ['localhost'], now: certificates.year2026 }

let ca: Issued
let leaf: Issued
let other: Issued
before(async () => {
  ca = await certificates.authority()
  leaf = await certificates.server(ca)
  other = await certificates.server(ca)
})

const pem = ({ certificate }: Issued) => certificatePem(certificate)
const key = ({ privateKey }: Issued) => privateKeyPem(privateKey)

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-tls-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Loads a file with that content. */
function loaded(content: string | Buffer, settings: { password?: string } = {}) {
  let answer: ReturnType<typeof loadServerCertificate> | undefined
  return inFolder(async (folder) => {
    const path = join(folder, 'server.pem')
    await writeFile(path, content)
    answer = loadServerCertificate(
      { path, keyPath: undefined, password: settings.password },
      demands,
    )
    await answer.catch(() => undefined)
  }).then(() => answer as ReturnType<typeof loadServerCertificate>)
}

test('loadServerCertificate() reads PEM with its key, and does not send the root along', async () => {
  const { certificate, chain } = await loaded(pem(leaf) + pem(ca) + key(leaf))
  assert.equal(certificate.thumbprint, leaf.certificate.thumbprint)
  assert.equal(chain, pem(leaf))
})

test('loadServerCertificate() sends the chain in signing order, whatever the order of the file', async () => {
  const [rootKeys, middleKeys, leafKeys] = await Promise.all(
    [1, 2, 3].map(() => makeKeyPair('p-256')),
  )
  assert(rootKeys !== undefined && middleKeys !== undefined && leafKeys !== undefined)
  const names = { root: nameOf(utf8('root')), middle: nameOf(utf8('middle')) }
  const spki = ({ publicKey }: KeyPair) => publicKey.export({ type: 'spki', format: 'der' })
  const root = handmade(rootKeys, { subject: names.root })
  const middle = handmade(rootKeys, {
    issuer: names.root,
    subject: names.middle,
    key: spki(middleKeys),
  })
  const own = handmade(middleKeys, { issuer: names.middle, key: spki(leafKeys) })
  const texts = [root, middle, own].map((der) => certificatePem({ der }))
  const ownKey = privateKeyPem(leafKeys.privateKey)
  for (const order of [texts, texts.toReversed(), [texts[1], texts[2], texts[0]]]) {
    const { chain } = await loaded(order.join('') + ownKey)
    assert.equal(chain, `${texts[2]}${texts[1]}`)
  }
})

test('loadServerCertificate() refuses a key that no client can use', async () => {
  for (const namedCurve of ['secp224r1', 'secp256k1', 'brainpoolP256r1']) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
    const signer = await makeKeyPair('p-256')
    const der = handmade(signer, { key: publicKey.export({ type: 'spki', format: 'der' }) })
    const text = certificatePem({ der }) + privateKeyPem(privateKey)
    await assert.rejects(loaded(text), /its key is on the curve .* use RSA of/)
  }
})

test('loadServerCertificate() refuses a date that does not exist, and never serves it', async () => {
  const keys = await makeKeyPair('p-256')
  for (const notAfter of Object.values(impossibleTimes)) {
    const text =
      certificatePem({ der: handmade(keys, { notAfter }) }) + privateKeyPem(keys.privateKey)
    await assert.rejects(loaded(text), { code: 'ServerCertificateUnreadable' })
  }
})

test('loadServerCertificate() reads PFX with and without a password', async () => {
  for (const password of ['', 'correct horse']) {
    const content = { certificates: [leaf.certificate], privateKey: leaf.privateKey, password }
    const { certificate } = await loaded(await writePfx(content), { password })
    assert.equal(certificate.thumbprint, leaf.certificate.thumbprint)
  }
})

for (const [name, content, code] of [
  ['garbage', () => 'garbage', 'ServerCertificateUnreadable'],
  ['an empty file', () => '', 'ServerCertificateUnreadable'],
  ['a certificate without key', () => pem(leaf), 'ServerCertificateUnreadable'],
  ['the key of another one', () => pem(leaf) + key(other), 'ServerCertificateUnusable'],
  ['half a file', () => (pem(leaf) + key(leaf)).slice(0, -80), 'ServerCertificateUnreadable'],
] as const) {
  test(`loadServerCertificate() refuses ${name} and names the file`, async () => {
    await assert.rejects(
      loaded(content()),
      (error) => hasCode(error, code) && error.message.includes('server.pem'),
    )
  })
}

test('loadServerCertificate() refuses a wrong password without showing it', async () => {
  const content = {
    certificates: [leaf.certificate],
    privateKey: leaf.privateKey,
    password: 'right',
  }
  await assert.rejects(
    loaded(await writePfx(content), { password: 'hunter2' }),
    (error) => hasCode(error, 'ServerCertificateUnreadable') && !error.message.includes('hunter2'),
  )
})

for (const [name, wanted, reason] of [
  [
    'is expired',
    { validity: { notBefore: 0, notAfter: certificates.year2026 - 1 } },
    /expired on 2025-12-31/,
  ],
  [
    'is not yet valid',
    {
      validity: {
        notBefore: certificates.year2026 + 86_400_000,
        notAfter: certificates.year2026 + 2_000_000_000,
      },
    },
    /not valid before/,
  ],
] as const) {
  test(`loadServerCertificate() refuses one that ${name}`, async () => {
    const issued = await certificates.server(ca, wanted)
    await assert.rejects(loaded(pem(issued) + key(issued)), reason)
  })
}

test('loadServerCertificate() takes one of a CA whose clock is up to a minute ahead', async () => {
  const from = (aheadMs: number) =>
    certificates.server(ca, {
      validity: {
        notBefore: certificates.year2026 + aheadMs,
        notAfter: certificates.year2026 + 86_400_000,
      },
    })
  const taken = await from(60_000)
  await loaded(pem(taken) + key(taken))
  const early = await from(61_000)
  await assert.rejects(loaded(pem(early) + key(early)), {
    code: 'ServerCertificateTooEarly',
    details: { From: '2026-01-01T00:01:01.000Z' },
  })
})

test('loadServerCertificate() refuses a client’s certificate, and one under another name', async () => {
  const client = await certificates.client(ca)
  await assert.rejects(loaded(pem(client) + key(client)), /does not allow it to identify a server/)
  await inFolder(async (folder) => {
    const path = join(folder, 'a.pem')
    await writeFile(path, pem(leaf) + key(leaf))
    const files = { path, keyPath: undefined, password: undefined }
    const hosts = ['localhost', 'db.example.com']
    await assert.rejects(loadServerCertificate(files, { ...demands, hosts }), /"db\.example\.com"/)
  })
})

test('loadServerCertificate() reads certificate and key of one generation where a link is swapped', () =>
  inFolder(async (folder) => {
    for (const [name, issued] of [
      ['..one', leaf],
      ['..two', other],
    ] as const) {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'tls.crt'), pem(issued))
      await writeFile(join(folder, name, 'tls.key'), key(issued))
    }
    await symlink('..one', join(folder, '..data'))
    for (const file of ['tls.crt', 'tls.key'])
      await symlink(join('..data', file), join(folder, file))
    const files = {
      path: join(folder, 'tls.crt'),
      keyPath: join(folder, 'tls.key'),
      password: undefined,
    }
    const before = await certificateMark(files)
    assert.equal(
      (await loadServerCertificate(files, demands)).certificate.thumbprint,
      leaf.certificate.thumbprint,
    )
    await symlink('..two', join(folder, '..next'))
    await rename(join(folder, '..next'), join(folder, '..data'))
    assert.notEqual(await certificateMark(files), before)
    assert.equal(
      (await loadServerCertificate(files, demands)).certificate.thumbprint,
      other.certificate.thumbprint,
    )
  }))

test('loadServerCertificate() reads tls.crt and tls.key of a folder, both of one generation', () =>
  inFolder(async (folder) => {
    const contents = (issued: Issued) => ({ 'tls.crt': pem(issued), 'tls.key': key(issued) })
    const files = { path: folder, keyPath: undefined, password: undefined }
    assert.equal(await certificateMark(files), '')
    await assert.rejects(loadServerCertificate(files, demands), (error) =>
      hasCode(error, 'ServerCertificateUnreadable'),
    )
    const mount = await mounted(folder, contents(leaf))
    const before = await certificateMark(files)
    const first = await loadServerCertificate(files, demands)
    assert.equal(first.certificate.sha256, leaf.certificate.sha256)
    await mount.swap(contents(other))
    assert.notEqual(await certificateMark(files), before)
    const second = await loadServerCertificate(files, demands)
    assert.equal(second.certificate.sha256, other.certificate.sha256)
    await mount.swap({ 'tls.crt': pem(other) })
    assert.equal(await certificateMark(files), '')
  }))

test('certificateMark() is empty while a file is missing', async () => {
  assert.equal(
    await certificateMark({ path: '/nonexistent', keyPath: undefined, password: undefined }),
    '',
  )
})
