/**
 * Amazon Route 53: one record set holds all values of a name, so it is read, changed and put back as one act that is refused where
 * somebody else was faster, and then done again.
 */
import type { Clock } from '#shared/clock.ts'
import type { Egress } from '#shared/egress.ts'
import type { HttpsAnswer } from '../https.ts'
import { Api, apiUrl, needed } from './api.ts'
import type { DnsSecrets, Route53Config } from './configuration.ts'
import { dnsErrors } from './errors.ts'
import { recordTtlSeconds, writeTries } from './limits.ts'
import { withParents } from './name.ts'
import type { DnsProvider, PlacedRecord } from './provider.ts'
import {
  awsProblem,
  hostedZones,
  type RecordSet,
  replacement,
  txtRecordSet,
} from './route53-xml.ts'
import { type AwsCredentials, awsHeaders } from './sigv4.ts'

const publicUrl = 'https://route53.amazonaws.com'
const version = '2013-04-01'

export interface Route53Means {
  readonly clock: Clock
  readonly egress?: Egress | undefined
}

/** Throws `DnsSolverInvalid`. */
export function route53(
  config: Route53Config,
  secrets: DnsSecrets,
  means: Route53Means,
): DnsProvider {
  const secretAccessKey = needed(secrets.awsSecretAccessKey, 'the secret access key of AWS')
  const sessionToken = secrets.awsSessionToken?.trim()
  const zones = new Zones({
    ...{
      api: apiFor(config, [secretAccessKey, sessionToken ?? ''], means.egress),
      clock: means.clock,
    },
    ...{ url: apiUrl('Route 53', config.url ?? publicUrl), zoneId: zoneIdIn(config) },
    region: config.region ?? 'us-east-1',
    credentials: {
      accessKeyId: config.accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
  })
  return {
    put: (record, signal) => zones.change(record, withValue, signal),
    remove: (record, signal) => zones.change(record, withoutValue, signal),
  }
}

function apiFor(
  config: Route53Config,
  secrets: readonly string[],
  egress: Egress | undefined,
): Api {
  return new Api({
    provider: 'Route 53',
    trust: config.caBundle,
    egress,
    secrets,
    fixes: {
      400: 'See what Route 53 says; where it limits calls, it is tried again',
      403: 'Allow the key route53:ListHostedZonesByName, ListResourceRecordSets and ChangeResourceRecordSets, and check its secret and the clock',
      404: 'Check hostedZoneId',
    },
  })
}

/** Amazon shows it in both forms. */
function zoneIdIn({ hostedZoneId }: Route53Config): string | undefined {
  return hostedZoneId?.replace(/^\/hostedzone\//, '')
}

interface Parts {
  readonly api: Api
  readonly clock: Clock
  readonly url: string
  readonly region: string
  readonly zoneId: string | undefined
  readonly credentials: AwsCredentials
}

/** The set as it should be, `undefined` for none; the very one that was given where nothing is to do. */
type Edit = (before: RecordSet | undefined, record: PlacedRecord) => RecordSet | undefined

function withValue(before: RecordSet | undefined, { name, value }: PlacedRecord): RecordSet {
  const quoted = `"${value}"`
  if (before === undefined) return { name, ttlSeconds: recordTtlSeconds, values: [quoted] }
  if (before.values.includes(quoted)) return before
  return { ...before, values: [...before.values, quoted] }
}

function withoutValue(
  before: RecordSet | undefined,
  { value }: PlacedRecord,
): RecordSet | undefined {
  const quoted = `"${value}"`
  if (before === undefined || !before.values.includes(quoted)) return before
  const values = before.values.filter((each) => each !== quoted)
  return values.length === 0 ? undefined : { ...before, values }
}

interface Wanted {
  readonly what: string
  readonly path: string
  readonly body?: string
  readonly signal: AbortSignal
}

class Zones {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async change(record: PlacedRecord, edit: Edit, signal: AbortSignal): Promise<void> {
    const what = `change the TXT record of ${record.name}`
    const path = `/hostedzone/${await this.#zoneId(record.name, signal)}/rrset`
    for (let left = writeTries; ; left -= 1) {
      const before = await this.#recordSet(path, record.name, signal)
      const after = edit(before, record)
      if (after === before) return
      const answer = await this.#call({ what, path, body: replacement(before, after), signal })
      if (answer.status < 300) return
      // Somebody else changed the set since we read it.
      const retried = awsProblem(String(answer.body)).code === 'InvalidChangeBatch' && left > 1
      if (!retried) throw this.#refusal(what, answer)
    }
  }

  async #zoneId(name: string, signal: AbortSignal): Promise<string> {
    if (this.#parts.zoneId !== undefined) return encodeURIComponent(this.#parts.zoneId)
    for (const candidate of withParents(name).slice(1)) {
      const found = await this.#zonesNamed(candidate, signal)
      if (found.length > 1) throw severalZones(candidate)
      const [id] = found
      if (id !== undefined) return encodeURIComponent(id)
    }
    throw dnsErrors.DnsZoneNotFound(
      name,
      'the AWS account of this key',
      'Make a public hosted zone, or set hostedZoneId',
    )
  }

  /** Public ones: no CA looks into a private zone. */
  async #zonesNamed(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const what = `find the hosted zone ${name}`
    const path = `/hostedzonesbyname?dnsname=${encodeURIComponent(name)}&maxitems=10`
    const xml = await this.#read({ what, path, signal })
    return hostedZones(xml)
      .filter((zone) => zone.name === name && !zone.isPrivate)
      .map(({ id }) => id)
  }

  async #recordSet(
    path: string,
    name: string,
    signal: AbortSignal,
  ): Promise<RecordSet | undefined> {
    const what = `read the TXT record of ${name}`
    const query = `?maxitems=1&name=${encodeURIComponent(name)}&type=TXT`
    return txtRecordSet(await this.#read({ what, path: path + query, signal }), name)
  }

  async #read(wanted: Wanted): Promise<string> {
    const answer = await this.#call(wanted)
    if (answer.status >= 300) throw this.#refusal(wanted.what, answer)
    return String(answer.body)
  }

  #call({ what, path, body, signal }: Wanted): Promise<HttpsAnswer> {
    const { api, clock, region, credentials } = this.#parts
    const method = body === undefined ? 'GET' : 'POST'
    const url = `${this.#parts.url}/${version}${path}`
    const typed = body === undefined ? {} : { 'content-type': 'text/xml' }
    const headers = awsHeaders(
      { method, url, headers: typed, body: body ?? '' },
      { credentials, region, service: 'route53', nowMs: clock.now() },
    )
    return api.call(what, { method, url, headers, signal, ...(body === undefined ? {} : { body }) })
  }

  #refusal(what: string, { status, body }: HttpsAnswer): Error {
    const { code, message } = awsProblem(String(body))
    return this.#parts.api.refusal(what, status, [code, message].filter(Boolean).join(': '))
  }
}

function severalZones(name: string): Error {
  return dnsErrors.DnsSolverInvalid(
    `the AWS account has several public hosted zones ${name}`,
    'Set hostedZoneId to the one that is delegated to',
  )
}
