/**
 * Signature Version 4 of AWS ("Create a signed AWS API request" in the IAM user guide), headers only. Checked against Amazon's published
 * examples. Paths are taken as they are: Route 53's hold nothing that must be encoded.
 */
import { createHash, createHmac } from 'node:crypto'

export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of temporary credentials. */
  readonly sessionToken?: string
}

export interface AwsRequest {
  readonly method: string
  readonly url: string
  /** Headers to sign beside `host`, `x-amz-date` and `x-amz-security-token`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

export interface AwsScope {
  readonly credentials: AwsCredentials
  readonly region: string
  readonly service: string
  readonly nowMs: number
}

/** All headers that the request must be sent with, in lower case, beside `host`. */
export function awsHeaders(request: AwsRequest, scope: AwsScope): Record<string, string> {
  const { accessKeyId, sessionToken } = scope.credentials
  const time = awsTime(scope.nowMs)
  const sent = lowerCase({
    ...request.headers,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  })
  const headers = { ...sent, host: new URL(request.url).host }
  const names = Object.keys(headers).toSorted().join(';')
  const place = [time.slice(0, 8), scope.region, scope.service, 'aws4_request']
  const digest = sha256(canonicalRequest(request, headers))
  const toSign = ['AWS4-HMAC-SHA256', time, place.join('/'), digest].join('\n')
  const key = place.reduce<string | Buffer>(
    (above, part) => hmac(above, part),
    `AWS4${scope.credentials.secretAccessKey}`,
  )
  const signature = hmac(key, toSign).toString('hex')
  const credential = [accessKeyId, ...place].join('/')
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

function canonicalRequest(
  { method, url, body }: AwsRequest,
  headers: Readonly<Record<string, string>>,
): string {
  const { pathname, searchParams } = new URL(url)
  const names = Object.keys(headers).toSorted()
  const query = [...searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join('&')
  const lines = names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}\n`)
  return [method, pathname, query, lines.join(''), names.join(';'), sha256(body)].join('\n')
}

/** `20150830T123600Z` */
function awsTime(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

/** Everything but letters, digits and `-._~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
