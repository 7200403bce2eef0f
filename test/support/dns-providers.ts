/**
 * Stand-ins for the APIs of DNS providers, on loopback: they check who calls and how, and keep state. They are not the real services,
 * which cannot be asked from a test: they do what the providers' documentation says, and no more.
 */
import { createHmac } from 'node:crypto'
import { type AwsCredentials, awsHeaders } from '#shared/acme/dns/sigv4.ts'
import { type Asked, json, type TestAuthority, type TlsServer, tlsServer } from './https-server.ts'

export interface CloudflareServer extends TlsServer {
  /** `name content` of each TXT record. */
  readonly texts: () => string[]
  readonly add: (name: string, content: string) => void
}

/** One zone and one token. `perPage` records on a page at most. */
export async function cloudflareServer(
  authority: TestAuthority,
  { token = 'cf-token', perPage = 2, zoneName = 'example.com' } = {},
): Promise<CloudflareServer> {
  const zone = { id: '0123456789abcdef0123456789abcdef', name: zoneName }
  const records = new Map<string, { name: string; content: string }>()
  let count = 0
  const add = (name: string, content: string): void => {
    count += 1
    records.set(`record-${count}`, { name, content })
  }
  const fail = (code: number, message: string) => ({ success: false, errors: [{ code, message }] })
  const listed = (query: URLSearchParams) => {
    const page = Number(query.get('page'))
    const found = [...records].filter(([, { name }]) => name === query.get('name'))
    const result = found.slice((page - 1) * perPage, page * perPage)
    const pages = Math.ceil(found.length / perPage)
    return {
      result: result.map(([id, record]) => ({ id, type: 'TXT', ...record })),
      result_info: { page, total_pages: pages },
    }
  }
  const answered = ({ method, url, headers, body }: Asked): [number, unknown] => {
    const { pathname, searchParams } = new URL(url, 'https://x')
    const collection = `/client/v4/zones/${zone.id}/dns_records`
    if (headers.authorization !== `Bearer ${token}`) {
      return [403, fail(9109, `Invalid access token ${headers.authorization}`)]
    }
    if (pathname === '/client/v4/zones') {
      return [200, { result: [zone].filter(({ name }) => name === searchParams.get('name')) }]
    }
    if (pathname === collection && method === 'GET') return [200, listed(searchParams)]
    if (pathname === collection && method === 'POST') {
      const { name, content } = JSON.parse(body)
      const isThere = [...records.values()].some(
        (one) => one.name === name && one.content === content,
      )
      if (isThere) return [400, fail(81058, 'An identical record already exists.')]
      add(name, content)
      return [200, { result: {} }]
    }
    const id = pathname.slice(collection.length + 1)
    if (method === 'DELETE' && records.delete(id)) return [200, { result: { id } }]
    return [404, fail(81044, 'Record does not exist.')]
  }
  const server = await tlsServer(await authority.server(), (asked, answer) => {
    const [status, result] = answered(asked)
    json(answer, status, result)
  })
  const texts = () => [...records.values()].map(({ name, content }) => `${name} ${content}`)
  return Object.assign(server, { texts, add })
}

export interface Route53Server extends TlsServer {
  /** Name, with its dot, → values as they are written, with quotes. */
  readonly sets: Map<string, { readonly ttl: string; readonly values: readonly string[] }>
}

export const awsCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'aws-secret-key',
  sessionToken: 'aws-session-token',
}

export interface Route53Options {
  readonly nowMs: number | (() => number)
  /** Runs before each change, as another writer would. */
  readonly before?: (server: Route53Server) => void
  /** The one zone whose records are kept. Default: `ZPUBLIC`. */
  readonly zoneId?: string
  /** Default: `awsCredentials`. */
  readonly credentials?: AwsCredentials
}

/** Zones: `example.com.` public and private, `twice.test.` public twice. */
export async function route53Server(
  authority: TestAuthority,
  {
    nowMs,
    before = () => undefined,
    zoneId = 'ZPUBLIC',
    credentials = awsCredentials,
  }: Route53Options,
): Promise<Route53Server> {
  const now = timeOf(nowMs)
  const sets: Route53Server['sets'] = new Map()
  const zones = [
    { id: 'ZPRIVATE', name: 'example.com.', isPrivate: true },
    { id: zoneId, name: 'example.com.', isPrivate: false },
    { id: 'ZONE', name: 'twice.test.', isPrivate: false },
    { id: 'ZTWO', name: 'twice.test.', isPrivate: false },
  ]
  const error = (code: string, message: string): string =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`
  const setXml = (name: string): string => {
    const set = sets.get(name)
    if (set === undefined) return ''
    const values = set.values.map((value) => value.replaceAll('"', '&quot;'))
    return (
      `<ResourceRecordSet><Name>${name}</Name><Type>TXT</Type><TTL>${set.ttl}</TTL><ResourceRecords>` +
      `${values.map((value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`).join('')}` +
      '</ResourceRecords></ResourceRecordSet>'
    )
  }
  const answered = (asked: Asked): [number, string] => {
    const { pathname, searchParams } = new URL(asked.url, 'https://x')
    if (!isSigned(asked, credentials, now())) {
      return [403, error('SignatureDoesNotMatch', `not ${asked.headers['x-amz-security-token']}`)]
    }
    if (pathname === '/2013-04-01/hostedzonesbyname') {
      const from = `${searchParams.get('dnsname')}.`
      const found = zones.filter(({ name }) => name >= from)
      return [200, `<R><HostedZones>${found.map(zoneXml).join('')}</HostedZones></R>`]
    }
    if (pathname !== `/2013-04-01/hostedzone/${zoneId}/rrset`)
      return [404, error('NoSuchHostedZone', 'none')]
    if (asked.method === 'GET') {
      const from = `${searchParams.get('name')}.`
      const next = [...sets.keys()].toSorted().find((name) => name >= from) ?? ''
      return [200, `<R><ResourceRecordSets>${setXml(next)}</ResourceRecordSets></R>`]
    }
    before(server)
    return changed(sets, asked.body)
      ? [200, '<R><ChangeInfo><Status>PENDING</Status></ChangeInfo></R>']
      : [
          400,
          '<InvalidChangeBatch><Messages><Message>Tried to change &#39;TXT&#39; but it differs</Message></Messages></InvalidChangeBatch>',
        ]
  }
  const listener = await tlsServer(await authority.server(), (asked, answer) => {
    const [status, xml] = answered(asked)
    answer.writeHead(status, { 'content-type': 'text/xml' }).end(`<?xml version="1.0"?>${xml}`)
  })
  const server: Route53Server = Object.assign(listener, { sets })
  return server
}

function zoneXml({
  id,
  name,
  isPrivate,
}: {
  id: string
  name: string
  isPrivate: boolean
}): string {
  return (
    `<HostedZone><Id>/hostedzone/${id}</Id><Name>${name}</Name>` +
    `<Config><PrivateZone>${isPrivate}</PrivateZone></Config></HostedZone>`
  )
}

/** All changes of a batch, or none. */
function changed(sets: Route53Server['sets'], body: string): boolean {
  const next = new Map(sets)
  const change =
    /<Change><Action>(\w+)<\/Action><ResourceRecordSet><Name>(.*?)<\/Name><Type>TXT<\/Type><TTL>(\d+)<\/TTL><ResourceRecords>(.*?)<\/ResourceRecords><\/ResourceRecordSet><\/Change>/g
  for (const [, action, name = '', ttl = '', list = ''] of body.matchAll(change)) {
    const values = [...list.matchAll(/<Value>(.*?)<\/Value>/g)].map(([, value = '']) =>
      value.replaceAll('&quot;', '"'),
    )
    const set = { ttl, values }
    const isSame = JSON.stringify(next.get(name)) === JSON.stringify(set)
    if (action === 'DELETE' ? !isSame : next.has(name)) return false
    if (action === 'DELETE') next.delete(name)
    else next.set(name, set)
  }
  sets.clear()
  for (const [name, set] of next) sets.set(name, set)
  return true
}

function timeOf(nowMs: number | (() => number)): () => number {
  return typeof nowMs === 'number' ? () => nowMs : nowMs
}

/** The signer itself is checked against Amazon's examples; this shows that what is sent is what was signed, and a short while ago. */
function isSigned(
  { method, url, headers, body }: Asked,
  credentials: AwsCredentials,
  nowMs: number,
): boolean {
  const type = headers['content-type']
  const signedAt = String(headers['x-amz-date']).replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    '$1-$2-$3T$4:$5:$6Z',
  )
  const signedAtMs = Date.parse(signedAt)
  if (!(Math.abs(signedAtMs - nowMs) < 300_000)) return false
  const expected = awsHeaders(
    {
      method,
      url: `https://${headers.host}${url}`,
      headers: type ? { 'content-type': type } : {},
      body,
    },
    { credentials, region: 'us-east-1', service: 'route53', nowMs: signedAtMs },
  )
  return headers.authorization === expected.authorization
}

export interface AcmeDnsServer extends TlsServer {
  /** The last two values, the newest last. */
  readonly values: string[]
}

export const acmeDnsAccount = {
  username: 'acme-dns-user',
  password: 'acme-dns-password',
  fulldomain: 'd420.auth.test',
  subdomain: 'd420',
}

export async function acmeDnsServer(
  authority: TestAuthority,
  { path = '/base/update' } = {},
): Promise<AcmeDnsServer> {
  const values: string[] = []
  const server = await tlsServer(
    await authority.server(),
    ({ method, url, headers, body }, answer) => {
      const { username, password, subdomain } = acmeDnsAccount
      if (method !== 'POST' || url !== path) return json(answer, 404, {})
      if (headers['x-api-user'] !== username || headers['x-api-key'] !== password) {
        return json(answer, 401, { error: 'forbidden', sent: headers['x-api-key'] })
      }
      const { subdomain: wanted, txt } = JSON.parse(body)
      if (wanted !== subdomain) return json(answer, 401, { error: 'forbidden' })
      if (String(txt).length !== 43) return json(answer, 400, { error: 'bad_txt' })
      values.push(txt)
      if (values.length > 2) values.shift()
      json(answer, 200, { txt })
    },
  )
  return Object.assign(server, { values })
}

/** What a webhook that keeps to docs/reference/dns-webhook.md does: verifies, then adds or deletes one value. */
export async function webhookServer(
  authority: TestAuthority,
  { key = 'webhook-key', nowMs = 0 }: { key?: string; nowMs?: number | (() => number) } = {},
): Promise<TlsServer & { readonly records: Set<string> }> {
  const now = timeOf(nowMs)
  const records = new Set<string>()
  const isRight = ({ headers, body }: Asked): boolean => {
    if (headers.authorization !== undefined) return headers.authorization === `Bearer ${key}`
    const time = String(headers['x-strongroom-timestamp'])
    const hex = createHmac('sha256', key).update(`${time}.${body}`).digest('hex')
    const isFresh = Math.abs(Number(time) - now() / 1000) < 300
    return isFresh && headers['x-strongroom-signature'] === `sha256=${hex}`
  }
  const server = await tlsServer(await authority.server(), (asked, answer) => {
    if (!isRight(asked)) return json(answer, 401, { message: `wrong key, not ${key}` })
    const { action, fqdn, value } = JSON.parse(asked.body)
    if (action === 'present') records.add(`${fqdn} ${value}`)
    else records.delete(`${fqdn} ${value}`)
    answer.writeHead(204).end()
  })
  return Object.assign(server, { records })
}
