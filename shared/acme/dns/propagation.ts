/**
 * Whether the answer can be seen where the CA will look: every name server of the zone is asked itself, so that neither a cache nor a
 * secondary that lags lets the CA come too early. The CA follows CNAMEs, whatever our own strategy is, and so does this.
 */
import type { Ask } from './ask.ts'
import { followed, zoneOf } from './delegation.ts'
import { type Endpoint, endpointText } from './endpoint.ts'
import { cnamesMax, nameServersMax } from './limits.ts'
import { parentOf } from './name.ts'
import { Rcode, rcodeName } from './rcode.ts'
import type { TxtRecord } from './record.ts'
import { contentsOf, type Resolve, targetOf } from './resolver.ts'
import { type Message, RecordType, txtOf } from './wire.ts'

export interface Looking {
  readonly ask: Ask
  readonly resolve: Resolve
  /** Port of authoritative servers: 53. */
  readonly authoritativePort: number
}

/** Nothing where all name servers of the zone show the value, else what they say. Throws `DnsLookupFailed` and others of `dnsErrors`. */
export async function notYetAtAuthorities(
  record: TxtRecord,
  looking: Looking,
  signal: AbortSignal,
): Promise<string | undefined> {
  const name = await followed(record.name, looking.resolve, signal)
  const zone = await zoneOf(name, looking.resolve, signal)
  const found = await notYetInZone({ ...record, name, zone }, looking, signal)
  return inWords(found, record.name, name)
}

/**
 * Whether the zone above the name shows the value. No resolver is asked for the name itself: it would remember for hours that there was
 * nothing yet.
 */
export async function isShownAbove(
  { name, value }: TxtRecord,
  looking: Looking,
  signal: AbortSignal,
): Promise<boolean> {
  const zone = await zoneOf(parentOf(name), looking.resolve, signal)
  return (await notYetInZone({ name, value, zone }, looking, signal)).length === 0
}

/** What is said by those name servers that do not show the value. */
async function notYetInZone(
  { zone, ...record }: TxtRecord & { readonly zone: string },
  looking: Looking,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const servers = await nameServers(zone, looking, signal)
  if (servers.length === 0) return [`the zone ${zone} has no name servers`]
  const asked = { record, ask: looking.ask, recursion: false }
  const found = await Promise.all(servers.map((each) => notYetAtServer(each, asked, signal)))
  return found.filter((reason) => reason !== undefined)
}

/**
 * Nothing where all these resolvers show the value, else what they say. One that does not follow CNAMEs by itself, as the authoritative
 * server of a split-horizon network, is asked where they lead. Texts alone are asked for: acme-dns says for any other type that there
 * is no such name, which resolvers would remember.
 */
export async function notYetAtResolvers(
  record: TxtRecord,
  { ask, servers }: { readonly ask: Ask; readonly servers: readonly Endpoint[] },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (servers.length === 0) return 'there is no resolver to ask'
  const found = await Promise.all(
    servers.map(async (server) => {
      const seen = await seenAt({ server, record, ask, recursion: true }, signal)
      return seen.kind === 'there' ? undefined : seen.why
    }),
  )
  const reasons = found.filter((reason) => reason !== undefined)
  return inWords(reasons, record.name, record.name)
}

interface NameServer {
  /** As the NS record has it. */
  readonly host: string
  readonly addresses: readonly Endpoint[]
}

async function nameServers(
  zone: string,
  { resolve, authoritativePort: port }: Looking,
  signal: AbortSignal,
): Promise<readonly NameServer[]> {
  const { answers } = await resolve(zone, RecordType.NS, signal)
  const hosts = contentsOf(answers, zone, RecordType.NS).map(targetOf).slice(0, nameServersMax)
  return Promise.all(
    hosts.map(async (host) => {
      const addresses = await addressesOf(host, resolve, signal)
      return { host, addresses: addresses.map((address) => ({ host: address, port })) }
    }),
  )
}

/** A family of addresses that the resolver has no answer for is as good as missing. */
async function addressesOf(
  host: string,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = await Promise.all(
    [RecordType.A, RecordType.AAAA].map(async (type) => {
      const { answers } = await resolve(host, type, signal).catch(() => ({ answers: [] }))
      return contentsOf(answers, host, type).map(addressText)
    }),
  )
  signal.throwIfAborted()
  return found.flat()
}

/** Four bytes or sixteen. */
function addressText(content: Buffer): string {
  if (content.length === 4) return content.join('.')
  return (content.toString('hex').match(/.{4}/g) ?? []).join(':')
}

interface At {
  readonly server: Endpoint
  readonly record: TxtRecord
  readonly ask: Ask
  readonly recursion: boolean
}

type Seen =
  | { readonly kind: 'there' }
  /** It answered, without the value. */
  | { readonly kind: 'elsewise'; readonly why: string }
  | { readonly kind: 'silent'; readonly why: string }

/**
 * A name server may have addresses that we cannot reach, such as IPv6 from a network without: one that shows the value is enough, if no
 * other one says otherwise.
 */
async function notYetAtServer(
  { host, addresses }: NameServer,
  asked: Omit<At, 'server'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (addresses.length === 0) return `${host} has no address`
  const seen = await Promise.all(addresses.map((server) => seenAt({ ...asked, server }, signal)))
  const elsewise = seen.flatMap((each) => (each.kind === 'elsewise' ? [each.why] : []))
  if (elsewise.length > 0) return `${host}: ${elsewise.join(', ')}`
  if (seen.some(({ kind }) => kind === 'there')) return undefined
  const silent = seen.flatMap((each) => (each.kind === 'silent' ? [each.why] : []))
  return `${host}: ${silent.join(', ')}`
}

async function seenAt(at: At, signal: AbortSignal): Promise<Seen> {
  try {
    const answer = at.recursion ? await followedAnswer(at, signal) : await textsAt(at, signal)
    const objection = objectionTo(answer, at.record.value)
    if (objection === undefined) return { kind: 'there' }
    return { kind: 'elsewise', why: `${endpointText(at.server)} ${objection}` }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'silent', why: error instanceof Error ? error.message : String(error) }
  }
}

function textsAt({ server, record: { name }, ask, recursion }: At, signal: AbortSignal) {
  return ask({ server, name, type: RecordType.TXT, recursion }, signal)
}

/** The answer at the end of the CNAMEs, or the last one after as many as are followed. */
async function followedAnswer(at: At, signal: AbortSignal): Promise<Message> {
  let { name } = at.record
  for (let left = cnamesMax; ; left -= 1) {
    const answer = await textsAt({ ...at, record: { ...at.record, name } }, signal)
    const end = endOfAliases(name, answer)
    if (end === name || left === 0 || hasTexts(answer)) return answer
    name = end
  }
}

function endOfAliases(name: string, { answers }: Message): string {
  let at = name
  for (let left = cnamesMax; left > 0; left -= 1) {
    const [content] = contentsOf(answers, at, RecordType.CNAME)
    if (content === undefined) break
    at = targetOf(content)
  }
  return at
}

function hasTexts({ answers }: Message): boolean {
  return answers.some(({ type }) => type === RecordType.TXT)
}

/** CNAMEs may stand before the records; a value is found once in the world, so its owner need not be looked at. */
function objectionTo({ rcode, answers }: Message, value: string): string | undefined {
  if (rcode !== Rcode.NoError && rcode !== Rcode.NxDomain) return `answers ${rcodeName(rcode)}`
  const texts = answers
    .filter(({ type }) => type === RecordType.TXT)
    .map(({ content }) => txtOf(content))
  if (texts.includes(value)) return undefined
  return texts.length === 0 ? 'has no TXT record' : `has ${texts.length} TXT of other values`
}

function inWords(reasons: readonly string[], asked: string, name: string): string | undefined {
  if (reasons.length === 0) return undefined
  const way = name === asked ? asked : `${asked}, which leads to ${name},`
  return `the value at ${way} is not shown by all servers yet: ${reasons.join('; ')}`
}
