/** Certificates such as no issuer should make, from every side on which a server meets them: it lives, answers in words, and serves none. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { readCertificate } from '#shared/pki/certificate.ts'
import { type KeyPair, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { writePfx } from '#shared/pki/pfx-write.ts'
import { type Caller, caller } from '#test/support/caller.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { generalizedTime, handmade, impossibleTimes } from '#test/support/handmade-certificates.ts'
import { seeded } from '#test/support/seeded.ts'
import { type ServerProcess, spawnServer, startServer } from '#test/support/server-process.ts'

const folder = temporaryFolder('hostile-certificates')
let server: ServerProcess
let admin: Caller
let keys: KeyPair
let key: string
before(async () => {
  keys = await makeKeyPair('p-256')
  key = privateKeyPem(keys.privateKey)
  server = await startServer({ folder: folder.path })
  admin = server.caller()
})
after(async () => {
  await admin[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

test('a caller whose certificate has an impossible date is told so, and the server lives', async () => {
  const ends = Object.values(impossibleTimes)
  const shown = ends.map((notAfter) => certificatePem({ der: handmade(keys, { notAfter }) }))
  assert.ok(shown.filter(isLoaded).length > 10)
  for (const cert of shown.filter(isLoaded)) {
    await using presenting = caller({ url: server.url, ca: server.ca, identity: { cert, key } })
    assert.equal((await presenting.get('/certificates/whoami')).status, 204)
    assert.equal((await presenting.get('/databases')).status, 403)
  }
  await fine()
})

test('a certificate with an impossible date is not registered', async () => {
  for (const [what, notAfter] of Object.entries(impossibleTimes)) {
    const { code, text } = await register(handmade(keys, { notAfter }))
    assert.equal(code, 'CertificateUnreadable', `${what}: ${text}`)
  }
  await fine()
})

test('a PFX that holds a certificate with an impossible date is not registered', async () => {
  const good = handmade(keys, { notAfter: generalizedTime('20270228120000Z') })
  const certificate = readCertificate(good)
  const bad = Buffer.from(
    good.toString('latin1').replace('20270228120000Z', '20270230120000Z'),
    'latin1',
  )
  const pfx = await writePfx({ certificates: [{ ...certificate, der: bad }] })
  const { code, text } = await register(pfx)
  assert.equal(code, 'CertificateUnreadable', text)
  await fine()
})

test('certificates with flipped bytes are registered or refused in words', async () => {
  const good = handmade(keys)
  const random = seeded(13)
  for (let run = 0; run < 200; run += 1) {
    const der = Buffer.from(good)
    for (let flips = random.whole(1, 3); flips > 0; flips -= 1)
      der[random.whole(0, der.length - 1)] = random.whole(0, 255)
    const { status, code, text } = await register(der)
    assert.ok(status === 201 || (code !== undefined && code !== 'Internal'), `run ${run}: ${text}`)
  }
  await fine()
})

test('a server certificate with an impossible date ends the start with a coded error', async () => {
  const other = temporaryFolder('hostile-server-certificate')
  const file = path.join(other.path, 'server.pem')
  const notAfter = impossibleTimes['30 February'] ?? Buffer.alloc(0)
  writeFileSync(file, certificatePem({ der: handmade(keys, { notAfter }) }) + key)
  const settings = [`--Security.Certificate.Path=${file}`]
  const { texts, ended } = spawnServer({ folder: path.join(other.path, 'data'), settings })
  assert.deepEqual(await ended, [1, null])
  assert.match(texts.log, /^ServerCertificateUnreadable: .*is no time/m)
  other[Symbol.dispose]()
})

async function register(file: Buffer) {
  const { status, text, headers } = await admin.put('/admin/certificates', {
    ...{ Name: 'odd', SecurityClearance: 'ValidUser', Permissions: {} },
    Certificate: file.toString('base64'),
  })
  return { status, text, code: headers['strongroom-error'] }
}

/** Most of what is no time OpenSSL takes all the same. */
function isLoaded(cert: string): boolean {
  try {
    createSecureContext({ cert, key })
    return true
  } catch {
    return false
  }
}

/** The server lives, lists its certificates, and logged no mistake of its own. */
async function fine(): Promise<void> {
  const { status, text } = await admin.get('/admin/certificates?pageSize=10000')
  assert.deepEqual([status, text.includes('NaN')], [200, false])
  assert.ok(server.alive)
  const lines = server.log().split('\n')
  const mistakes = lines.filter((line) => /"level":"(error|fatal)"/.test(line))
  assert.deepEqual(mistakes, [])
}
