/** The CSRF filter: a browser that shows another site's page sends that page's Origin, and the user's certificate with it. */
import type { IncomingHttpHeaders } from 'node:http'

export interface OriginRules {
  /** `https` or `http`: how this server is reached. */
  readonly scheme: string
  /** Origins that are let in besides our own, e.g. `https://tools.example.com`. */
  readonly trusted: ReadonlySet<string>
}

/** True where an Origin is named that is neither the host the request was sent to nor a trusted one. `null` is foreign. */
export function isForeignOrigin(headers: IncomingHttpHeaders, rules: OriginRules): boolean {
  const { origin, host } = headers
  if (origin === undefined) return false
  const own = `${rules.scheme}://${host ?? ''}`
  return origin.toLowerCase() !== own.toLowerCase() && !rules.trusted.has(origin.toLowerCase())
}

/** The rules from a list separated by semicolons. */
export function originRules(scheme: string, trusted: string | undefined): OriginRules {
  const origins = (trusted ?? '').split(';').map((origin) => origin.trim().toLowerCase())
  return { scheme, trusted: new Set(origins.filter((origin) => origin !== '')) }
}
