/** The lab that the tests of certificates stand on: its CA, its proxy and its DNS server do what they are told. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { test } from 'node:test'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { ask } from '#test/support/acme-lab/acme-proxy.ts'

const get = ({ directoryUrl, trust }: AcmeLab, path = '/dir') => {
  const { hostname, port } = new URL(directoryUrl)
  return ask({
    ...{ host: hostname, port, path, ca: trust, agent: false },
    headers: { 'user-agent': 'test' },
  })
}

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

test('acmeLab() answers DNS as it is told, follows aliases between zones, and takes no unsigned update', async () => {
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
