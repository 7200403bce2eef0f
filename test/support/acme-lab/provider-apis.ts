/**
 * The stand-ins for DNS providers' APIs under the names that these have on the internet, on port 443 of the lab's address. What they are told
 * is shown by the lab's DNS server, so that a CA believes it. Whoever calls them has to trust `trust` and to ask the lab for their addresses.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import { issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { days } from '#test/support/certificates.ts'
import {
  acmeDnsAccount,
  acmeDnsServer,
  awsCredentials,
  cloudflareServer,
  route53Server,
  webhookServer,
} from '#test/support/dns-providers.ts'
import {
  type Pair,
  type TestAuthority,
  type TlsServer,
  testAuthority,
} from '#test/support/https-server.ts'
import type { LabDns } from './knot-server.ts'

/** Zones that the lab's DNS server has to have beside those that are proven. */
export const providerZones = ['cloudflare.com', 'amazonaws.com', 'acme-dns.example', 'auth.test']

export interface ProviderApis extends AsyncDisposable {
  /** PEM of what verifies all of them. */
  readonly trust: string
  /** What each of them asks its callers for. */
  readonly credentials: Readonly<Record<ProviderSecret, string>>
  /** So many calls a host got. */
  readonly calls: (host: string) => number
}

type ProviderSecret = 'cloudflareToken' | 'awsAccessKeyId' | 'awsSecretAccessKey' | 'webhookToken'

export interface ProviderZones {
  /** The one that Cloudflare's customer has, and that the webhook's host is in. */
  readonly zone: string
  /** Of the same zone at Route 53. */
  readonly hostedZoneId: string
}

const { accessKeyId, secretAccessKey } = awsCredentials

export async function providerApis(dns: LabDns, zones: ProviderZones): Promise<ProviderApis> {
  const authority = await testAuthority('DNS providers')
  await using parts = new AsyncDisposableStack()
  const { hosts, texts } = await standIns(authority, zones, parts)
  for (const host of hosts.keys()) await dns.setAddress(host, dns.host)
  const show = shownBy(dns, texts)
  const front = https.createServer(
    await pairFor(authority, { dnsNames: [...hosts.keys()] }),
    (asked, answer) =>
      pass({ asked, answer }, { port: hosts.get(asked.headers.host ?? '')?.port, authority, show }),
  )
  front.listen(443, dns.host)
  await once(front, 'listening')
  parts.defer(async () => {
    const closed = once(front, 'close')
    front.close()
    front.closeAllConnections()
    await closed
  })
  const running = parts.move()
  return {
    trust: authority.pem,
    credentials: {
      cloudflareToken: 'cf-token',
      awsAccessKeyId: accessKeyId,
      awsSecretAccessKey: secretAccessKey,
      webhookToken: 'webhook-key',
    },
    calls: (host) => hosts.get(host)?.asked.length ?? 0,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** By the host that each stands for; and `name value` of each record that they hold. */
async function standIns(
  authority: TestAuthority,
  { zone, hostedZoneId }: ProviderZones,
  parts: AsyncDisposableStack,
) {
  const nowMs = Date.now
  const aws = { nowMs, zoneId: hostedZoneId, credentials: { accessKeyId, secretAccessKey } }
  const cloudflare = parts.use(await cloudflareServer(authority, { zoneName: zone }))
  const route53 = parts.use(await route53Server(authority, aws))
  const acmeDns = parts.use(await acmeDnsServer(authority, { path: '/update' }))
  const webhook = parts.use(await webhookServer(authority, { nowMs }))
  const hosts = new Map<string, TlsServer>([
    ['api.cloudflare.com', cloudflare],
    ['route53.amazonaws.com', route53],
    ['auth.acme-dns.example', acmeDns],
    [`dns.${zone}`, webhook],
  ])
  const texts = (): readonly string[] => [
    ...cloudflare.texts(),
    ...[...route53.sets].flatMap(([name, { values }]) =>
      values.map((value) => `${name.replace(/\.$/, '')} ${value.replaceAll('"', '')}`),
    ),
    ...acmeDns.values.map((value) => `${acmeDnsAccount.fulldomain} ${value}`),
    ...webhook.records,
  ]
  return { hosts, texts }
}

interface Behind {
  readonly port: number | undefined
  readonly authority: TestAuthority
  /** Done before an answer is given. */
  readonly show: () => Promise<void>
}

/** As it came, with its Host header, which is signed. */
function pass(
  { asked, answer }: { readonly asked: IncomingMessage; readonly answer: ServerResponse },
  { port, authority, show }: Behind,
): void {
  const { method, url: path, headers } = asked
  const to = { host: '127.0.0.1', port, servername: 'localhost', ca: authority.pem, agent: false }
  const onward = https.request({ ...to, method, path, headers }, (got) => {
    Array.fromAsync(got)
      .then(async (body) => {
        await show()
        answer.writeHead(got.statusCode ?? 502, got.headers).end(Buffer.concat(body))
      })
      .catch(() => answer.destroy())
  })
  onward.once('error', () => answer.destroy())
  asked.pipe(onward)
}

/** Writes into the DNS what has changed since the last time. */
function shownBy(dns: LabDns, texts: () => readonly string[]): () => Promise<void> {
  let before = new Map<string, string>()
  return async () => {
    const now = new Map<string, string>()
    for (const [name = '', value = ''] of texts().map((each) => each.split(' ')))
      now.set(name, `${now.get(name) ?? ''} ${value}`.trim())
    const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
      (name) => before.get(name) !== now.get(name),
    )
    before = now
    for (const name of changed)
      await dns.setTexts(name, (now.get(name) ?? '').split(' ').filter(Boolean))
  }
}

export async function pairFor(
  { issued }: TestAuthority,
  {
    dnsNames = [],
    ipAddresses = [],
  }: { readonly dnsNames?: readonly string[]; readonly ipAddresses?: readonly string[] },
): Promise<Pair> {
  const { certificate, privateKey } = await issueServerCertificate(issued, {
    commonName: 'DNS providers',
    dnsNames: [...dnsNames],
    ipAddresses: [...ipAddresses],
    validity: days(30, Date.now()),
    keys: await makeKeyPair('p-256'),
  })
  return { cert: certificatePem(certificate), key: privateKeyPem(privateKey) }
}
