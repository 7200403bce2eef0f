import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Config } from '#server/config.ts'
import { logTo } from '#server/log.ts'
import { hasConfiguredAdmin, openIdentities, openWellKnown } from '#server/start/identities.ts'
import { hasCode } from '#shared/errors.ts'
import type { Issued } from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import { admin, memoryStore } from '#test/support/certificate-store.ts'
import { authority, client, days, server, year2026 } from '#test/support/certificates.ts'
import { temporaryFolder } from '#test/support/file-tree.ts'
import { mounted } from '#test/support/mounted.ts'
import { presented } from '#test/support/registrations.ts'

let ca: Issued
let own: Issued
let shop: Issued

before(async () => {
  ca = await authority()
  own = await server(ca)
  shop = await client(ca, { validity: days(20) })
})

const thumbprints = 'Security.WellKnownCertificates.Admin'
const path = 'Security.WellKnownCertificates.Admin.Path'
const issuers = 'Security.WellKnownIssuers.Admin'

async function identities(settings: Partial<Config>) {
  const config = { 'Security.Certificate.ExpiringThresholdInDays': 14, ...settings } as Config
  const clock = { time: year2026, now: () => clock.time }
  const transport = { served: () => ({ internal: undefined, public: own.certificate }) }
  const owner = new AsyncDisposableStack()
  const logger = logTo({ write: () => undefined }, 'silent')
  const opened = await openIdentities({
    config,
    system: memoryStore(),
    authority: ca,
    transport,
    clock,
    audit: () => undefined,
    wellKnown: await openWellKnown({ config, logger, owner }),
    owner,
  })
  return { ...opened, clock, [Symbol.asyncDispose]: () => owner.disposeAsync() }
}

type Opened = Awaited<ReturnType<typeof identities>>

function clearance({ registry, clock }: Opened, { certificate }: Issued): string {
  const found = registry.find(presented(certificate), clock.now())
  return found.kind === 'registered' ? found.registration.clearance : found.kind
}

test('openIdentities() knows what is registered, from the moment it is', async () => {
  const opened = await identities({})
  assert.equal(clearance(opened, shop), 'unknown')
  const rights = { clearance: 'Operator', permissions: {} } as const
  await opened.certificates.register(admin, { name: 'a', rights, certificates: [shop.certificate] })
  assert.equal(clearance(opened, shop), 'Operator')
  await opened.certificates.remove(admin, shop.certificate.thumbprint)
  assert.equal(clearance(opened, shop), 'unknown')
})

test('openIdentities() trusts what the settings name: thumbprints, issuers, the server itself', async () => {
  const { certificate } = shop
  assert.equal(
    clearance(await identities({ [thumbprints]: certificate.thumbprint }), shop),
    'ClusterAdmin',
  )
  assert.equal(
    clearance(await identities({ [issuers]: ca.certificate.der.toString('base64') }), shop),
    'ClusterAdmin',
  )
  assert.equal(
    clearance(await identities({ 'Security.ServerCertificateIsAdmin': true }), own),
    'ClusterNode',
  )
  assert.equal(clearance(await identities({}), own), 'unknown')
})

test('openIdentities() trusts whoever lies in the folder now, by all the bytes of his certificate', async () => {
  using folder = temporaryFolder('admins')
  const mount = await mounted(folder.path, { 'shop.crt': certificatePem(shop.certificate) })
  await using opened = await identities({ [path]: folder.path })
  assert.equal(clearance(opened, shop), 'ClusterAdmin')
  assert.equal(clearance(opened, own), 'unknown')
  assert.deepEqual([...opened.wellKnown().certificates.keys()], [shop.certificate.sha256])
  await mount.swap({ 'own.crt': certificatePem(own.certificate) })
  const deadline = performance.now() + 2_000
  while (clearance(opened, shop) !== 'unknown') {
    assert(performance.now() < deadline, 'refused within two seconds')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal(clearance(opened, own), 'ClusterAdmin')
})

test('openIdentities() refuses settings that name nobody', async () => {
  for (const settings of [{ [thumbprints]: 'admin' }, { [issuers]: '/no/such/file' }]) {
    await assert.rejects(identities(settings), (error) => hasCode(error, 'WellKnownInvalid'))
  }
  await assert.rejects(identities({ [path]: '/no/such/folder' }), (error) =>
    hasCode(error, 'WellKnownFolderUnreadable'),
  )
})

test('openIdentities() counts what expires', async () => {
  const opened = await identities({})
  const rights = { clearance: 'ValidUser', permissions: {} } as const
  await opened.certificates.register(admin, { name: 'a', rights, certificates: [shop.certificate] })
  assert.deepEqual(opened.counts(), { registered: 1, expiring: 0, expired: 0 })
  opened.clock.time = shop.certificate.notAfter - 1000
  assert.deepEqual(opened.counts(), { registered: 1, expiring: 1, expired: 0 })
  opened.clock.time = shop.certificate.notAfter + 1
  assert.deepEqual(opened.counts(), { registered: 1, expiring: 0, expired: 1 })
})

test('hasConfiguredAdmin() is true where a setting names somebody', () => {
  for (const [settings, expected] of [
    [{}, false],
    [{ [thumbprints]: ' ; ' }, false],
    [{ [thumbprints]: 'A' }, true],
    [{ [issuers]: '/ca.crt' }, true],
    [{ [path]: '/admins' }, true],
  ] as const) {
    assert.equal(hasConfiguredAdmin(settings as Partial<Config> as Config), expected)
  }
})
