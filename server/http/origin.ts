/**
 * The CSRF filter: a browser that shows another site's page sends the user's certificate with what that page asks for. It says so in
 * `Origin`, which a plain GET does not have, and in `Sec-Fetch-Site`, which every request of a browser has.
 */
import type { IncomingHttpHeaders } from 'node:http'

export interface OriginRules {
  /** `https` or `http`: how this server is reached. */
  readonly scheme: string
  /** Origins that are let in besides our own, e.g. `https://tools.example.com`. */
  readonly trusted: ReadonlySet<string>
}

/** True where another site's page asks. An Origin decides where there is one; `null` is foreign. `address`: path and query, as they came. */
export function isForeignOrigin(
  headers: IncomingHttpHeaders,
  rules: OriginRules,
  address: string,
): boolean {
  const { origin, host } = headers
  if (origin === undefined) return isForeignFetch(headers, address)
  const own = `${rules.scheme}://${host ?? ''}`
  return origin.toLowerCase() !== own.toLowerCase() && !rules.trusted.has(origin.toLowerCase())
}

/** `none` is the user himself; what comes from no browser says nothing. A link may lead to the front page, which does nothing. */
function isForeignFetch(headers: IncomingHttpHeaders, address: string): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return !(headers['sec-fetch-mode'] === 'navigate' && address === '/')
}

/** The rules from a list separated by semicolons. */
export function originRules(scheme: string, trusted: string | undefined): OriginRules {
  const origins = (trusted ?? '').split(';').map((origin) => origin.trim().toLowerCase())
  return { scheme, trusted: new Set(origins.filter((origin) => origin !== '')) }
}
