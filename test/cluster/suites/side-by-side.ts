/**
 * Every way to a certificate of a CA at once, each for a Strongroom of its own: three kinds of challenges, one of them for a wildcard, and a
 * CA that takes only accounts which are bound to a customer of its own. All are renewed under load, several times, with nobody's help.
 */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { names } from '#operator/api/names.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { freePort } from '#test/support/acme-lab/free-port.ts'
import { ingressClass, ingressProxy } from '../ingress-proxy.ts'
import { type Load, startLoad } from '../load.ts'
import {
  askedOf,
  askedOfTheLab,
  httpsPort,
  issuerManifest,
  publishAddresses,
  secretManifest,
  servedFrom,
  signedUpdates,
  statusIsServed,
  strongroomManifest,
} from '../ordering.ts'
import { leafOf, secretOf } from '../served-certificate.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

const renewals = 3
const revision = 1 + renewals

/** A Strongroom and its issuer, by one name. */
interface Side {
  readonly name: string
  readonly host: string
  readonly dnsNames?: readonly string[]
  readonly lab: AcmeLab
  readonly solver: object
  /** How the issuer differs from others. */
  readonly more?: object
  /** Of certificates of the profile that it asks for; the CA's other profile has another. */
  readonly lifeSeconds: number
  /** Connections that ask it all the time: 50 in all. */
  readonly connections: number
}

export interface SideBySide {
  /** Each certificate is renewed at two thirds of it. */
  readonly lifeSeconds: number
  /** After which every one must be ready; nothing where that is not looked at. */
  readonly readyMs?: number
}

export async function allSideBySide(
  t: TestContext,
  place: Place,
  { lifeSeconds, readyMs = Number.POSITIVE_INFINITY }: SideBySide,
): Promise<void> {
  const { cluster } = place
  const address = cluster.hostAddress ?? ''
  const httpPort = await freePort(address)
  await using tenant = await newTenant(place)
  // Windows of renewal are hidden: those of Pebble begin at once where a life is short.
  const common = { place: cluster, hidesRenewalInfo: true, tlsAlpnPort: httpsPort }
  await using lab = await acmeLab({ ...common, httpPort, shortLifeSeconds: lifeSeconds })
  await using boundLab = await acmeLab({ ...common, lifeSeconds, shortLifeSeconds: long, eab })
  await using proxy = await ingressProxy(tenant, { address, port: httpPort })
  await lab.dns.setAddress(httpHost, address)
  const sides = [...openSides(lab, lifeSeconds), boundSide(boundLab, lifeSeconds)]
  using _ = published(tenant, sides)
  const took = await readyAfter(tenant, sides)
  t.diagnostic(`served after ${took} ms`)
  const uids = await podUids(tenant)
  const answered = await renewedUnderLoad(tenant, sides, lifeSeconds)
  const orders = [lab, boundLab].map((each) => each.counts().newOrder)
  t.diagnostic(`answered ${answered}, HTTP-01 asked ${proxy.passed()}, orders ${orders}`)
  assert.ok(Math.min(...answered) > 1_000, `there was load: ${answered}`)
  assert.equal(await podUids(tenant), uids)
  assert.ok(proxy.passed() >= revision, 'the CA came through the Ingress')
  for (const side of sides) await isAsDeclared(tenant, side)
  assert.ok(Math.max(...took) < readyMs, `served after ${took} ms`)
}

const httpHost = 'http.lab.test'
/** Of the profiles that nobody asks for: what comes of no profile, or of a wrong one, is no short life. */
const long = 7_776_000
/** The key of the customer at the CA that wants one. */
const eab = { 'kid-1': Buffer.alloc(32, 9).toString('base64url') }

function openSides(lab: AcmeLab, lifeSeconds: number): readonly Side[] {
  const byDns = signedUpdates(lab, { check: askedOfTheLab(lab) })
  const http01 = { ingress: { className: ingressClass }, check: 'None' }
  const common = { lab, lifeSeconds }
  return [
    { ...common, name: 'by-tls', host: 'tls.lab.test', solver: { tlsAlpn01: {} }, connections: 13 },
    { ...common, name: 'by-http', host: httpHost, solver: { http01 }, connections: 13 },
    {
      ...{ ...common, name: 'by-dns', host: 'dns.lab.test', dnsNames: ['*.dns.lab.test'] },
      ...{ solver: byDns, connections: 12 },
    },
  ]
}

/** Its account is bound, and its profile is the CA's other one. */
function boundSide(lab: AcmeLab, lifeSeconds: number): Side {
  const externalAccountBinding = { keyId: 'kid-1', keySecretRef: { name: 'eab', key: 'key' } }
  return {
    ...{ name: 'bound', host: 'bound.lab.test', lab, lifeSeconds, connections: 12 },
    solver: { tlsAlpn01: {} },
    more: { profile: 'default', externalAccountBinding },
  }
}

/** Names that members prove themselves lead to them, until it is disposed of. */
function published(tenant: Tenant, sides: readonly Side[]): Disposable {
  const publishing = new AbortController()
  for (const { name, host, lab, solver } of sides)
    if ('tlsAlpn01' in solver)
      void publishAddresses(tenant, { ...lab, hosts: { [name]: host } }, publishing.signal)
  return { [Symbol.dispose]: () => publishing.abort() }
}

/** Declares all at once, and says of each how long it took until its member was seen serving the certificate of its CA, in milliseconds. */
async function readyAfter(tenant: Tenant, sides: readonly Side[]): Promise<readonly number[]> {
  const secrets = { tsig: sides[0]?.lab.dns.tsigKey.secret ?? '', eab: eab['kid-1'] }
  const manifests = [
    ...Object.entries(secrets).map(([name, key]) => secretManifest(name, { key })),
    ...sides.map(({ lab, name, solver, more }) => issuerManifest(lab, { name, solver, more })),
    ...sides.map(({ name, host, dnsNames }) => strongroomManifest(name, { host, dnsNames })),
  ]
  const begin = performance.now()
  await tenant.apply(manifests.join('\n---\n'))
  return Promise.all(
    sides.map(async ({ name }) => {
      await servedFrom(tenant, { name, revision: 1, withinMs: 120_000 })
      await tenant.ready(`strongroom/${name}`)
      return Math.round(performance.now() - begin)
    }),
  )
}

/** How many requests were answered of each, until all were renewed so often. None may fail. */
async function renewedUnderLoad(
  tenant: Tenant,
  sides: readonly Side[],
  lifeSeconds: number,
): Promise<readonly number[]> {
  const withinMs = renewals * lifeSeconds * 1000 + 20_000
  const loads = await Promise.all(sides.map((side) => loadOn(tenant, side)))
  try {
    await Promise.all(sides.map(({ name }) => servedFrom(tenant, { name, revision, withinMs })))
  } finally {
    await Promise.all(loads.map((load) => load.stop()))
  }
  assert.deepEqual(
    loads.flatMap((load) => load.failures()),
    [],
  )
  return loads.map((load) => load.answered())
}

async function loadOn(tenant: Tenant, side: Side): Promise<Load> {
  const ca = (await side.lab.roots()).join('')
  return startLoad(await askedOf(tenant, { ...side, ca }), side.connections)
}

function podUids(tenant: Tenant): Promise<string> {
  const path = 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}'
  return tenant.kubectl('get', 'pods', '-o', path)
}

/** Served as the status says, for its names and no others, by the life of its profile. */
async function isAsDeclared(tenant: Tenant, side: Side): Promise<void> {
  const { name, host, dnsNames = [], lab, lifeSeconds } = side
  const ca = (await lab.roots()).join('')
  await statusIsServed(tenant, name, await askedOf(tenant, { name, host, ca }))
  const leaf = leafOf(await secretOf(tenant, names.serverTls(name)))
  assert.deepEqual(leaf?.dnsNames.toSorted(), [host, ...dnsNames].toSorted(), name)
  const life = ((leaf?.notAfter ?? 0) - (leaf?.notBefore ?? 0)) / 1000
  assert.ok(Math.abs(life - lifeSeconds) <= 1, `${name} lives ${life} s`)
}
