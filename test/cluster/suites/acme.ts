/** Public certificates of Strongrooms from a CA beside the cluster: how names are proven, renewed under load, and what may end meanwhile. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { names } from '#operator/api/names.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { freePort } from '#test/support/acme-lab/free-port.ts'
import { ingressClass, ingressProxy } from '../ingress-proxy.ts'
import { type Asked, dialed, startLoad } from '../load.ts'
import {
  askedOf,
  httpsPort,
  issuerManifest,
  publishAddresses,
  servedFrom,
  servedOf,
  statusOf,
  strongroomManifest,
} from '../ordering.ts'
import { run, succeeds, until } from '../run.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

const hosts = { 'by-tls': 'tls.lab.test', 'by-http': 'http.lab.test', 'by-dns': 'dns.lab.test' }
const strongrooms = Object.entries(hosts).map(([name, host]) => ({ name, host }))
const lifeSeconds = 60
/** A lab whose windows of renewal are hidden: those of Pebble begin at once where a life is short. */
const short = { shortLifeSeconds: lifeSeconds, hidesRenewalInfo: true }
const readyMs = 30_000
const renewals = 3

export function acmeSuite(place: () => Place): void {
  test('three kinds of challenges, side by side: ready within 30 s, and renewed under load without a failed request', async (t) => {
    const { cluster } = place()
    const address = cluster.hostAddress ?? ''
    const httpPort = await freePort(address)
    await using tenant = await newTenant(place())
    await using lab = await acmeLab({ ...short, place: cluster, httpPort, tlsAlpnPort: httpsPort })
    await using proxy = await ingressProxy(tenant, { address, port: httpPort })
    await lab.dns.setAddress(hosts['by-http'], address)
    const publishing = new AbortController()
    void publishAddresses(
      tenant,
      { ...lab, hosts: { 'by-tls': hosts['by-tls'] } },
      publishing.signal,
    )
    using _ = { [Symbol.dispose]: () => publishing.abort() }
    const took = await readyAfter(tenant, lab)
    t.diagnostic(`served after ${took} ms`)
    const uids = await podUids(tenant)
    const ca = (await lab.roots()).join('')
    const all = await Promise.all(strongrooms.map((each) => askedOf(tenant, { ...each, ca })))
    const loads = all.map((asked, index) => startLoad(asked, index === 0 ? 16 : 17))
    const revision = 1 + renewals
    try {
      await Promise.all(
        strongrooms.map(({ name }) => servedFrom(tenant, { name, revision, withinMs: 200_000 })),
      )
    } finally {
      await Promise.all(loads.map((load) => load.stop()))
    }
    const answered = loads.map((load) => load.answered())
    t.diagnostic(
      `answered ${answered}, HTTP-01 asked ${proxy.passed()}, orders ${lab.counts().newOrder}`,
    )
    assert.deepEqual(
      loads.flatMap((load) => load.failures()),
      [],
    )
    assert.ok(Math.min(...answered) > 1_000, `there was load: ${answered}`)
    assert.deepEqual(await podUids(tenant), uids)
    assert.ok(proxy.passed() >= revision, 'the CA came through the Ingress')
    for (const [index, { name }] of strongrooms.entries())
      await statusIsServed(tenant, name, all[index] as Asked)
    assert.ok(took < readyMs, `served after ${took} ms`)
  })

  test('an operator that is killed within an order ends that order, with that key', async () => {
    const { cluster } = place()
    await using tenant = await newTenant(place())
    await using lab = await acmeLab({ place: cluster, alwaysValid: true })
    const away = lab.fail({ action: 'finalize', with: { status: 503 } })
    await tenant.apply(vault(lab))
    await until('the order to be about to end', () => away.count() > 0 || undefined)
    const url = (await statusOf(tenant, 'vault'))?.order?.orderUrl
    const staged = await tenant.get<Secret>('secret', names.nextServerKey('vault'))
    assert.ok(url !== undefined && staged !== undefined)
    await tenant.kubectl(
      ...['delete', 'pod', '-l', 'app.kubernetes.io/name=strongroom-operator'],
      ...['--grace-period=0', '--force'],
    )
    const before = away.count()
    await until('another operator to go on', () => away.count() > before || undefined, {
      withinMs: 90_000,
    })
    assert.equal((await statusOf(tenant, 'vault'))?.order?.orderUrl, url)
    away.end()
    await servedFrom(tenant, { name: 'vault', revision: 1, withinMs: 60_000 })
    const given = await tenant.get<Secret>('secret', names.serverTls('vault'))
    assert.equal(given?.data?.['tls.key'], staged.data?.['tls.key'])
    assert.equal(lab.counts().newOrder, 1)
    assert.equal(await tenant.get('secret', names.nextServerKey('vault')), undefined)
  })

  test('a CA that is away when a certificate is to be renewed: the old one is served, people are told, and it is renewed when the CA is back', async () => {
    const { cluster } = place()
    await using tenant = await newTenant(place())
    await using lab = await acmeLab({ ...short, place: cluster, alwaysValid: true })
    await tenant.apply(vault(lab))
    const first = await servedFrom(tenant, { name: 'vault', revision: 1, withinMs: 90_000 })
    await lab.stop()
    await until(
      'the order to have trouble',
      async () => ((await statusOf(tenant, 'vault'))?.order?.problem ? true : undefined),
      { withinMs: 90_000, everyMs: 200 },
    )
    assert.equal(servedOf(await statusOf(tenant, 'vault')), first)
    await until('an event to say so', async () => {
      const events = await tenant.kubectl('get', 'events', '-o', 'json')
      return (events.includes('OrderFailing') && events.includes('does not answer')) || undefined
    })
    await lab.start()
    // It knows neither the account nor the order any more.
    const second = await servedFrom(tenant, { name: 'vault', revision: 2, withinMs: 120_000 })
    assert.notEqual(second, first)
    const asked = await askedOf(tenant, { name: 'vault', host, ca: (await lab.roots()).join('') })
    await statusIsServed(tenant, 'vault', asked)
  })
}

const host = 'vault.lab.test'

/** A Strongroom whose names the CA believes. */
function vault(lab: AcmeLab): string {
  const issuer = issuerManifest(lab, { name: 'vault', solver: { tlsAlpn01: {} } })
  return [issuer, strongroomManifest('vault', { host })].join('\n---\n')
}

/** Declares all, and says how long it took until each member was seen serving the certificate of its CA, in milliseconds. */
async function readyAfter(tenant: Tenant, lab: AcmeLab): Promise<number> {
  const { address, tsigKey } = lab.dns
  const keySecretRef = { name: 'tsig', key: 'key' }
  const rfc2136 = { server: address, keyName: tsigKey.name, keySecretRef }
  // Pods have the cluster's DNS, where the lab's names are unknown.
  const dns01 = { check: { mode: 'Recursive', nameservers: [address] }, rfc2136 }
  const http01 = { ingress: { className: ingressClass }, check: 'None' }
  const solvers = { 'by-tls': { tlsAlpn01: {} }, 'by-http': { http01 }, 'by-dns': { dns01 } }
  const secret = {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tsig' } },
    stringData: { key: tsigKey.secret },
  }
  const issuers = Object.entries(solvers).map(([name, solver]) =>
    issuerManifest(lab, { name, solver }),
  )
  const clusters = strongrooms.map(({ name, host }) =>
    strongroomManifest(name, { host, dnsNames: name === 'by-dns' ? [`*.${host}`] : [] }),
  )
  const begin = performance.now()
  await tenant.apply([JSON.stringify(secret), ...issuers, ...clusters].join('\n---\n'))
  const withinMs = 120_000
  await Promise.all(
    strongrooms.map(({ name }) => servedFrom(tenant, { name, revision: 1, withinMs })),
  )
  await tenant.ready(...strongrooms.map(({ name }) => `strongroom/${name}`))
  return Math.round(performance.now() - begin)
}

function podUids(tenant: Tenant): Promise<string> {
  const path = 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}'
  return tenant.kubectl('get', 'pods', '-o', path)
}

/** Status, a dial and `openssl s_client` say the same: asked again where a renewal came between them. */
async function statusIsServed(tenant: Tenant, name: string, asked: Asked): Promise<void> {
  const hasOpenssl = await succeeds('openssl', ['version'])
  await until(
    `the status of ${name} to be what it serves`,
    async () => {
      const told = servedOf(await statusOf(tenant, name))
      const seen = [await dialed(asked), ...(hasOpenssl ? [await seenByOpenssl(asked)] : [])]
      if (told === undefined || seen.some((sha256) => sha256 !== told))
        throw new Error(`${told} and ${seen}`)
      return true
    },
    { withinMs: 30_000, everyMs: 500 },
  )
}

async function seenByOpenssl({ address, port, host: servername }: Asked): Promise<string> {
  const to = ['-connect', `${address}:${port}`, '-servername', servername]
  const text = await run('openssl', ['s_client', ...to, '-showcerts'], { timeoutMs: 10_000 })
  const [pem = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? []
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
}
