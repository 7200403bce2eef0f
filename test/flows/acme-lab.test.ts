/** The lab that the tests of certificates stand on: its CA, its proxy and its DNS server do what they are told. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { mkdtempDisposableSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { until } from '#test/cluster/run.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { ask } from '#test/support/acme-lab/acme-proxy.ts'
import { http01Server } from '#test/support/acme-lab/http01-server.ts'
import { acmeApi, issueByHttp01 } from '#test/support/acme-lab/plain-order.ts'

const hmacKey = Buffer.alloc(32, 'test only').toString('base64url')

const get = ({ directoryUrl, trust }: AcmeLab, path = '/dir') => {
  const { hostname, port } = new URL(directoryUrl)
  return ask({
    ...{ host: hostname, port, path, ca: trust, agent: false },
    headers: { 'user-agent': 'test' },
  })
}

test('acmeLab() looks at the name where its DNS server says, and issues for as long as it is told', async () => {
  await using lab = await acmeLab({ lifeSeconds: 300, badNonces: 30, eab: { one: hmacKey } })
  await using web = await http01Server(lab.httpPort)
  await lab.dns.setAddress('db.lab.test', '127.0.0.1')
  const api = await acmeApi(lab)
  await assert.rejects(api.newAccount({}), /externalAccountRequired/)
  const externalAccount = { keyId: 'one', key: Buffer.from(hmacKey, 'base64url') }
  await api.newAccount({ externalAccount })
  const chain = await issueByHttp01(api, 'db.lab.test', (token, answer) =>
    web.answers.set(token, answer),
  )
  const leaf = new X509Certificate(chain)
  const lifeMs = leaf.validToDate.getTime() - leaf.validFromDate.getTime()
  assert.ok(Math.abs(lifeMs - 300_000) <= 1_000, `${lifeMs}`)
  const [, issuer = ''] = chain.split(/(?<=END CERTIFICATE-----\n)/)
  const [root = ''] = await lab.roots()
  assert.ok(leaf.verify(new X509Certificate(issuer).publicKey))
  assert.ok(new X509Certificate(issuer).verify(new X509Certificate(root).publicKey))
  const { newOrder, finalize } = lab.counts()
  assert.ok(newOrder >= 1 && finalize >= 1)
  await lab.setRenewalInfo(chain, { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' })
  assert.equal((await lab.certificateStatus(leaf.serialNumber))?.status, 'Valid')
  await api.revoke(leaf.raw, 4)
  assert.deepEqual(await lab.certificateStatus(leaf.serialNumber), { status: 'Revoked', reason: 4 })
  api.close()
})

test('acmeLab() refuses blocked domains, and names that answer wrongly', async () => {
  await using lab = await acmeLab({ blockedDomains: ['blocked.test'] })
  await lab.dns.setAddress('db.lab.test', '127.0.0.1')
  const api = await acmeApi(lab)
  await api.newAccount({})
  await assert.rejects(api.newOrder({ names: ['db.blocked.test'] }), /rejectedIdentifier/)
  await assert.rejects(
    issueByHttp01(api, 'db.lab.test', () => undefined),
    /connection/,
  )
  api.close()
})

test('acmeLab() serves the directory of a real CA under its own address, and counts', async () => {
  await using lab = await acmeLab()
  const { status, body } = await get(lab)
  assert.equal(status, 200)
  const directory = JSON.parse(body.toString())
  assert.equal(new URL(directory.newOrder).host, new URL(lab.directoryUrl).host)
  assert.deepEqual(Object.keys(directory.meta.profiles).sort(), ['default', 'shortlived'])
  assert.ok('renewalInfo' in directory)
  await get(lab, '/nonce-plz')
  await get(lab, '/nonce-plz')
  const { directory: directories, newNonce, newOrder } = lab.counts()
  assert.deepEqual(
    { directories, newNonce, newOrder },
    { directories: 1, newNonce: 2, newOrder: 0 },
  )
})

test('acmeLab() fails requests as it is told, so often, and then no more', async () => {
  await using lab = await acmeLab()
  const busy = lab.fail({
    action: 'newNonce',
    times: 2,
    with: { status: 429, type: 'rateLimited', retryAfter: 7 },
  })
  const { status, headers, body } = await get(lab, '/nonce-plz')
  assert.equal(status, 429)
  assert.equal(headers['retry-after'], '7')
  assert.equal(JSON.parse(body.toString()).type, 'urn:ietf:params:acme:error:rateLimited')
  assert.equal((await get(lab)).status, 200)
  assert.equal((await get(lab, '/nonce-plz')).status, 429)
  assert.equal((await get(lab, '/nonce-plz')).status, 204)
  assert.equal(busy.count(), 2)
  const cut = lab.fail({ with: 'cut request' })
  await assert.rejects(get(lab))
  cut.end()
  const silenced = lab.fail({ times: 1, with: 'cut answer' })
  await assert.rejects(get(lab))
  assert.equal(silenced.count(), 1)
  lab.fail({ times: 1, with: (directory) => ({ ...directory, newOrder: 'nowhere' }) })
  assert.match((await get(lab)).body.toString(), /"newOrder":"nowhere"/)
  assert.equal((await get(lab)).status, 200)
})

test('acmeLab() can stand without renewal information, and with several roots', async () => {
  await using lab = await acmeLab({ hidesRenewalInfo: true, alternateRoots: 1 })
  const { body } = await get(lab)
  assert.ok(!('renewalInfo' in JSON.parse(body.toString())))
  const roots = (await lab.roots()).map((pem) => new X509Certificate(pem))
  assert.equal(new Set(roots.map(({ fingerprint256 }) => fingerprint256)).size, 2)
  assert.equal(await lab.certificateStatus('0abc'), undefined)
})

test('acmeLab() stops, and starts under the same address with other roots', async () => {
  await using lab = await acmeLab()
  const before = await lab.roots()
  await lab.stop()
  await assert.rejects(get(lab), { code: 'ECONNREFUSED' })
  await lab.start()
  assert.equal((await get(lab)).status, 200)
  assert.notDeepEqual(await lab.roots(), before)
})

test('acmeLab() answers DNS as it is told, and follows aliases between zones', async () => {
  await using lab = await acmeLab()
  const { dns } = lab
  await dns.setAddress('db.lab.test', '127.0.0.3')
  await dns.setAddress('db.lab.test', '127.0.0.2')
  await dns.setAlias('alias.lab.test', 'db.other.test')
  await dns.setAddress('db.other.test', '127.0.0.4')
  const resolver = new Resolver()
  resolver.setServers([lab.resolver])
  assert.deepEqual(await resolver.resolve4('db.lab.test'), ['127.0.0.2'])
  assert.deepEqual(await resolver.resolve4('alias.lab.test'), ['127.0.0.4'])
  assert.deepEqual(await dns.txt('_acme-challenge.db.lab.test'), [])
  await dns.stop()
  await assert.rejects(dns.txt('db.lab.test'))
  await dns.start()
  assert.deepEqual(await resolver.resolve4('db.lab.test'), ['127.0.0.2'])
})

test('acmeLab() leaves nothing where its process is killed', async (t) => {
  const folder = mkdtempDisposableSync(path.join(tmpdir(), 'acme-lab-'))
  t.after(() => folder.remove())
  const lab = path.resolve(import.meta.dirname, '../support/acme-lab/acme-lab.ts')
  const script = `
    const { acmeLab } = await import(${JSON.stringify(lab)})
    const { dns } = await acmeLab()
    process.stdout.write(dns.address, () => process.kill(process.pid, 'SIGKILL'))`
  const env = { ...process.env, TMPDIR: folder.path }
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env })
  assert.equal(run.signal, 'SIGKILL')
  const dns = new Resolver({ timeout: 500, tries: 1 })
  dns.setServers([run.stdout.toString()])
  await until('its folder to be gone', () => readdirSync(folder.path).length === 0 || undefined)
  const isRefused = (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED' || undefined
  await until('its DNS server to be gone', () =>
    dns.resolveSoa('lab.test').then(() => undefined, isRefused),
  )
})

test('acmeLab() passes long answers on', async () => {
  await using lab = await acmeLab()
  const api = await acmeApi(lab)
  await api.newAccount({})
  const names = Array.from({ length: 60 }, (_, index) => `n${index}.lab.test`)
  const { authorizations } = await api.newOrder({ names, profile: 'default' })
  assert.equal(authorizations.length, 60)
  api.close()
})
