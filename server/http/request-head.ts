/**
 * What the head of a request may say. Checked before anybody is asked who he is, so that nothing behind reads one header while a proxy
 * before us read another.
 */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { errors } from '#server/errors.ts'
import type { CodedError } from '#shared/errors.ts'

export interface HeadRules {
  /** Names of hosts under which we are asked; nothing where TLS proves them anyway. */
  readonly isOurHost: ((host: string) => boolean) | undefined
}

type Head = Pick<FastifyRequest, 'raw'>
type HeadCheck = (head: Head, rules: HeadRules) => CodedError | undefined

const checks: readonly HeadCheck[] = [
  headerIsRepeated,
  hostIsMissing,
  hostIsNone,
  hostIsForeign,
  expectationIsUnknown,
]

/** The first reason against it, or nothing. */
export function headRefusal(head: Head, rules: HeadRules): CodedError | undefined {
  for (const check of checks) {
    const refused = check(head, rules)
    if (refused !== undefined) return refused
  }
  return undefined
}

/** Headers of which there can be one: of two, whoever reads takes one or the other. */
const single: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'content-type', 'content-encoding', 'expect'],
  ...['origin', 'sec-fetch-site', 'sec-fetch-mode', 'if-match', 'if-none-match', 'etag'],
  ...['topology-etag', 'cluster-topology-etag'],
])

function headerIsRepeated({ raw: { rawHeaders } }: Head): CodedError | undefined {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    if (!single.has(name)) continue
    if (seen.has(name)) return errors.HeaderRepeated(name)
    seen.add(name)
  }
  return undefined
}

/** HTTP/1.0 knows no Host; probes speak it. */
function hostIsMissing({ raw: { headers, httpVersion } }: Head): CodedError | undefined {
  return headers.host === undefined && httpVersion !== '1.0' ? errors.HostInvalid() : undefined
}

function hostIsNone({ raw: { headers } }: Head): CodedError | undefined {
  const { host } = headers
  return host === undefined || hostNameOf(host) !== undefined ? undefined : errors.HostInvalid()
}

/** A browser takes a name for ours that its owner pointed at us for a moment (DNS rebinding): addresses cannot be pointed anywhere. */
function hostIsForeign({ raw: { headers } }: Head, { isOurHost }: HeadRules) {
  const name = headers.host === undefined ? undefined : hostNameOf(headers.host)
  if (name === undefined || isOurHost === undefined) return undefined
  return isIP(unbracketed(name)) > 0 || isOurHost(name) ? undefined : errors.HostForeign()
}

function expectationIsUnknown({ raw: { headers } }: Head): CodedError | undefined {
  const { expect } = headers
  return expect === undefined || expect.toLowerCase() === '100-continue'
    ? undefined
    : errors.ExpectationUnknown()
}

/** The name or address in a Host header, in small letters; nothing for what is none. */
function hostNameOf(host: string): string | undefined {
  const [, name = '', port = ''] =
    /^(\[[0-9a-f:.]+\]|[\w.-]{1,253})(?::(\d{1,5}))?$/i.exec(host) ?? []
  return name === '' || Number(port) > 65_535 ? undefined : name.toLowerCase()
}

function unbracketed(name: string): string {
  return name.startsWith('[') ? name.slice(1, -1) : name
}
