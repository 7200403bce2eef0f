/** Every kind of DNS provider, with a secret that can be recognised, failing: whatever is told of it anywhere, the secret is not in it. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { type EchoServer, echoServer } from '../echo-server.ts'
import { scrape } from '../operator-metrics.ts'
import { issuerManifest, secretManifest, statusOf, strongroomManifest } from '../ordering.ts'
import { until } from '../run.ts'
import { newTenant, type Place, type Tenant } from '../suite.ts'

/** Of a Strongroom, its issuer and the Secret of its provider, which have one name. */
interface Failing {
  readonly name: string
  /** As it is called in settings, conditions and events. */
  readonly provider: string
  readonly settings: object
  /** Entries of the Secret. */
  readonly entries: Readonly<Record<string, string>>
  /** What nobody may be told. */
  readonly secrets: readonly string[]
  /** Told to somebody who repeats it in his refusal. */
  readonly isRepeated?: true
}

/** Public addresses, which lead to whoever stands in for the provider here. */
const publicNames = ['api.cloudflare.com', 'route53.amazonaws.com']
const zones = ['lab.test', 'cloudflare.com', 'amazonaws.com']

export async function toldNoSecret(t: TestContext, place: Place): Promise<void> {
  const { cluster } = place
  const address = cluster.hostAddress ?? ''
  await using lab = await acmeLab({ place: cluster, zones, dnsPort: 53 })
  for (const name of publicNames) await lab.dns.setAddress(name, address)
  await using echo = await echoServer(address, publicNames)
  await using tenant = await tenantBeside(place, echo)
  const all = failing(lab, echo)
  await tenant.apply(all.map((each) => manifests(lab, each)).join('\n---\n'))
  for (const each of all) await hasFailed(tenant, each, echo)
  const told = await everythingTold(tenant)
  const kept = await tenant.kubectl('get', 'secrets', '-o', 'yaml')
  for (const secret of all.flatMap((each) => each.secrets)) {
    assert.ok(shows(kept, secret), 'it would be found where it is')
    for (const [where, text] of Object.entries(told))
      assert.ok(!shows(text, secret), `${where}: ${secret}`)
  }
  for (const [where, text] of Object.entries(told)) assert.doesNotMatch(text, /PRIVATE KEY/, where)
  const lengths = Object.entries(told).map(([where, { length }]) => `${where} ${length}`)
  t.diagnostic(`characters looked through: ${lengths.join(', ')}`)
}

/** Its operator sees the lab's zones, and trusts who stands in for the providers. */
async function tenantBeside(place: Place, { trust }: EchoServer): Promise<Tenant> {
  const configMap = 'roots'
  const values = {
    ...{ dnsPolicy: 'None', 'dnsConfig.nameservers[0]': place.cluster.hostAddress ?? '' },
    'extraRoots.configMap': configMap,
  }
  const roots = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: configMap } }
  return newTenant(place, values, JSON.stringify({ ...roots, data: { 'ca.crt': trust } }))
}

function failing(lab: AcmeLab, echo: EchoServer): readonly Failing[] {
  const ref = (name: string, key: string) => ({ name, key })
  const [token, password, user] = ['cf-0a1b2c3d4e5f', 'ad-pass-6a7b8c9d', 'ad-user-1f2e3d4c']
  const [accessKey, accessKeyId] = ['r53-secret-5e6f7a8b9c', 'AKIAEXAMPLE00001']
  const [bearer, tsig] = ['hook-bearer-2b3c4d5e', Buffer.alloc(32, 77).toString('base64')]
  const account = { username: user, password, subdomain: 'sub', fulldomain: 'sub.lab.test' }
  return [
    {
      ...{ name: 'by-cloudflare', provider: 'cloudflare', isRepeated: true, entries: { token } },
      settings: { apiTokenSecretRef: ref('by-cloudflare', 'token') },
      secrets: [token],
    },
    {
      ...{ name: 'by-route53', provider: 'route53', entries: { accessKey, accessKeyId } },
      settings: {
        hostedZoneId: 'Z0123456789ABC',
        accessKeyIdSecretRef: ref('by-route53', 'accessKeyId'),
        secretAccessKeySecretRef: ref('by-route53', 'accessKey'),
      },
      secrets: [accessKey],
    },
    {
      ...{ name: 'by-acme-dns', provider: 'acmeDns', isRepeated: true },
      entries: { accounts: JSON.stringify({ 'by-acme-dns.lab.test': account }) },
      settings: {
        ...{ server: echo.url, caBundle: echo.trust },
        accountSecretRef: ref('by-acme-dns', 'accounts'),
      },
      secrets: [password, user],
    },
    {
      ...{ name: 'by-webhook', provider: 'webhook', isRepeated: true, entries: { bearer } },
      settings: {
        ...{ url: echo.url, caBundle: echo.trust, authentication: 'Bearer' },
        tokenSecretRef: ref('by-webhook', 'bearer'),
      },
      secrets: [bearer],
    },
    {
      ...{ name: 'by-update', provider: 'rfc2136', entries: { tsig } },
      settings: {
        ...{ server: lab.dns.address, keyName: lab.dns.tsigKey.name },
        keySecretRef: ref('by-update', 'tsig'),
      },
      secrets: [tsig],
    },
  ]
}

function manifests(lab: AcmeLab, { name, provider, settings, entries }: Failing): string {
  // Pods have the cluster's DNS, where the lab's names are unknown.
  const check = { mode: 'Recursive', nameservers: [lab.dns.address] }
  const solver = { dns01: { check, [provider]: settings } }
  return [
    secretManifest(name, entries),
    issuerManifest(lab, { name, solver }),
    strongroomManifest(name, { host: `${name}.lab.test` }),
  ].join('\n---\n')
}

/** Its status and an event say which provider fails, and with its own words where it repeats what it was told. */
async function hasFailed(
  tenant: Tenant,
  { name, provider, isRepeated, secrets }: Failing,
  echo: EchoServer,
): Promise<void> {
  const problem = await until(
    `${provider} to fail`,
    async () => {
      const found = (await statusOf(tenant, name))?.order?.problem
      return found?.solver === provider ? found : undefined
    },
    { withinMs: 90_000, everyMs: 500 },
  ).catch(async (error: Error) => {
    const status = JSON.stringify(await statusOf(tenant, name))
    throw new Error(`${error.message}\n${status}\n${await tenant.describe()}`)
  })
  if (isRepeated) {
    assert.match(problem.detail, /403: .*…/, 'what was repeated is masked')
    for (const secret of secrets) assert.ok(echo.heard().includes(secret), `${provider} was told`)
  }
  await until(`an event about ${provider}`, async () => {
    const events = await tenant.kubectl('get', 'events', '-o', 'json')
    return events.includes(`(${provider})`) || undefined
  })
}

/** All that can be read in the namespace without reading Secrets. */
async function everythingTold(tenant: Tenant): Promise<Readonly<Record<string, string>>> {
  const kinds = [
    ...['strongrooms', 'strongroomissuers', 'events', 'configmaps', 'pods', 'services'],
    ...['statefulsets', 'deployments', 'leases', 'ingresses', 'endpointslices'],
  ].join()
  const logs = (target: string) =>
    tenant.kubectl('logs', target, '--all-containers', '--tail=-1').catch(() => '')
  const pods = await tenant.kubectl('get', 'pods', '-o', 'name')
  const ofPods = await Promise.all(pods.split('\n').map(logs))
  const told = {
    objects: await tenant.kubectl('get', kinds, '-o', 'yaml', '--show-managed-fields'),
    descriptions: await tenant.kubectl('describe', 'strongrooms,strongroomissuers'),
    'logs of the operator': await logs('deployment/strongroom'),
    'logs of all': ofPods.join('\n'),
    metrics: (await scrape(tenant)).text,
  }
  assert.match(told['logs of the operator'], /\{"level"/, 'it logs')
  return told
}

/** As it is, or as it stands in a Secret and in a basic authorization. */
function shows(text: string, secret: string): boolean {
  // What stands around it moves base64 by none, one or two bytes.
  const shifted = ['', ' ', '  '].map((before) => {
    const base64 = Buffer.from(before + secret).toString('base64')
    return base64.slice(before === '' ? 0 : 4, -4)
  })
  return [secret, ...shifted].some((form) => text.includes(form))
}
