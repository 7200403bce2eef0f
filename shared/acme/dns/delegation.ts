/** Where a record really belongs: behind the CNAMEs of its name, in the zone that holds that place. */
import { dnsErrors } from './errors.ts'
import { cnamesMax } from './limits.ts'
import { withParents } from './name.ts'
import { contentsOf, type Resolve, targetOf } from './resolver.ts'
import { RecordType } from './wire.ts'

/**
 * The last name that the CNAMEs lead to; the name itself where it has none. Throws `DnsDelegationEndless` where they go in a circle or
 * on for too long, `DnsLookupFailed` where nobody answers.
 */
export async function followed(
  name: string,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<string> {
  const seen = [name]
  for (let at = name; ; ) {
    const { answers } = await resolve(at, RecordType.CNAME, signal)
    const [content] = contentsOf(answers, at, RecordType.CNAME)
    if (content === undefined) return at
    at = targetOf(content)
    const trail = [...seen, at].join(' → ')
    if (seen.includes(at)) throw dnsErrors.DnsDelegationEndless(name, `${trail} is a circle`)
    if (seen.push(at) > cnamesMax + 1) {
      throw dnsErrors.DnsDelegationEndless(name, `${trail} has more than ${cnamesMax} steps`)
    }
  }
}

/** The zone that holds the name: the longest parent, or itself, that has an SOA record. Throws `DnsZoneNotFound`. */
export async function zoneOf(name: string, resolve: Resolve, signal: AbortSignal): Promise<string> {
  for (const candidate of withParents(name)) {
    const { answers } = await resolve(candidate, RecordType.SOA, signal)
    if (contentsOf(answers, candidate, RecordType.SOA).length > 0) return candidate
  }
  throw dnsErrors.DnsZoneNotFound(
    name,
    'the resolvers see an SOA record at none of its parents: DNS',
    'Check the name, and that the resolvers see the zone',
  )
}
