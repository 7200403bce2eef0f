/**
 * What the guide to certificates of a CA finds around the cluster: the CA, the DNS with its providers under their own names, something that
 * leads port 80 into the cluster, and a reader's folder with the examples. Only names and addresses of the outside are other ones.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { http01Name } from '#operator/challenges/http01-objects.ts'
import { type AcmeLab, acmeLab } from '#test/support/acme-lab/acme-lab.ts'
import {
  type ProviderApis,
  providerApis,
  providerZones,
} from '#test/support/acme-lab/provider-apis.ts'
import { acmeDnsAccount } from '#test/support/dns-providers.ts'
import { strongroom } from '#test/support/resources.ts'
import { installGatewayApi } from '#test/tools/gateway-api.ts'
import type { Cluster } from './cluster.ts'
import { type IngressProxy, ingressProxy } from './ingress-proxy.ts'
import { type Place, root } from './suite.ts'

/** Where members answer, in place of 443. */
const httpsPort = 8443
const httpPort = 80
const dnsPort = 53
const zone = 'lab.test'
const host = `db.${zone}`

export interface OutsideWorld extends AsyncDisposable, Pick<IngressProxy, 'passed'> {
  readonly folder: string
  /** Variables that a reader has, with what only he knows. */
  readonly environment: Readonly<Record<string, string>>
  /** What somebody does outside of the cluster before he reads on below that heading. */
  before(heading: string): Promise<void>
  readonly calls: ProviderApis['calls']
}

export async function outsideWorld({ cluster }: Place): Promise<OutsideWorld> {
  await using parts = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-lets-encrypt-'))
  parts.defer(() => rmSync(folder, { recursive: true, force: true }))
  const zones = [zone, ...providerZones]
  const ports = { httpPort, dnsPort, tlsAlpnPort: httpsPort }
  const lab = parts.use(await acmeLab({ place: cluster, zones, ...ports }))
  const apis = parts.use(await providerApis(lab.dns, { zone, hostedZoneId: 'Z0123456789ABC' }))
  await prepareCluster(cluster, [lab.trust, apis.trust])
  const proxy = parts.use(await ingressProxy(inDefault(cluster), entrance(lab)))
  const publishing = new AbortController()
  parts.defer(() => publishing.abort())
  void publishAddress(cluster, lab, publishing.signal)
  fill(folder, lab)
  const running = parts.move()
  return {
    ...{ folder, calls: apis.calls, passed: proxy.passed },
    environment: {
      TSIG_KEY: lab.dns.tsigKey.secret,
      CLOUDFLARE_TOKEN: apis.credentials.cloudflareToken,
      AWS_ACCESS_KEY_ID: apis.credentials.awsAccessKeyId,
      AWS_SECRET_ACCESS_KEY: apis.credentials.awsSecretAccessKey,
      WEBHOOK_TOKEN: apis.credentials.webhookToken,
    },
    before: async (heading) => {
      const challenge = `_acme-challenge.${host}`
      if (heading === 'Another issuer') {
        publishing.abort()
        await lab.dns.setAddress(host, lab.dns.host)
      }
      if (heading === 'acme-dns') await lab.dns.setAlias(challenge, acmeDnsAccount.fulldomain)
      if (heading === 'Cloudflare') await lab.dns.setTexts(challenge, [])
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Port 80 of the world: a controller of Ingresses and Gateways, and what leads to a Service by its name. */
function entrance({ dns }: AcmeLab) {
  const service = http01Name(strongroom({ metadata: { name: 'vault' } }), host)
  return { address: dns.host, port: httpPort, className: 'nginx', gateway: 'web', service }
}

function inDefault(cluster: Cluster) {
  const kubectl = (...args: readonly string[]) => cluster.kubectl('-n', 'default', ...args)
  return {
    kubectl,
    get: async <T>(kind: string, name: string): Promise<T | undefined> => {
      const text = await kubectl('get', kind, name, '-o', 'json', '--ignore-not-found')
      return text === '' ? undefined : JSON.parse(text)
    },
  }
}

/** The Gateway API, and what an operator trusts that is on the internet. */
async function prepareCluster(cluster: Cluster, trust: readonly string[]): Promise<void> {
  await installGatewayApi(cluster)
  await cluster.kubectl('create', 'namespace', 'strongroom')
  const roots = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'internet' } },
    data: { 'ca.crt': trust.join('') },
  }
  await cluster.apply(JSON.stringify(roots), '-n', 'strongroom')
}

/** A reader's checkout, with what he got from elsewhere beside it. */
function fill(folder: string, { directoryUrl, dns }: AcmeLab): void {
  for (const name of ['charts', 'crds', 'cli']) symlinkSync(join(root, name), join(folder, name))
  mkdirSync(join(folder, 'examples'))
  for (const name of readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.yaml'))) {
    const text = readFileSync(join(root, 'examples', name), 'utf8')
      .replace(/^( +)server: https:\/\/acme-.*$/m, `$1server: ${directoryUrl}`)
      .replace('ns1.example.com:53', dns.address)
      .replace('strongroom.example.com', dns.tsigKey.name)
    writeFileSync(join(folder, 'examples', name), inLab(text))
  }
  writeFileSync(join(folder, 'accounts.json'), JSON.stringify({ [host]: acmeDnsAccount }))
  const values = {
    ...{ dnsPolicy: 'None', dnsConfig: { nameservers: [dns.host] } },
    extraRoots: { configMap: 'internet' },
  }
  writeFileSync(join(folder, 'lab.yaml'), JSON.stringify(values))
}

/** Text of a guide or an example, for the zone of the lab. */
export function inLab(text: string): string {
  return text.replaceAll('example.com', zone)
}

/** The name leads to the member, as soon as it has an address. */
async function publishAddress(
  cluster: Cluster,
  { dns }: AcmeLab,
  signal: AbortSignal,
): Promise<void> {
  let known = ''
  while (!signal.aborted) {
    const address = await cluster
      .kubectl('get', 'pod', 'vault-0', '--ignore-not-found', '-o', 'jsonpath={.status.podIP}')
      .catch(() => '')
    if (address !== '' && address !== known && !signal.aborted) {
      await dns.setAddress(host, address)
      known = address
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}
