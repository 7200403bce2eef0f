/** Proves names by DNS-01: the one door to every provider, for the operator and for the server's own settings. */
import type { Clock } from '#shared/clock.ts'
import type { Egress } from '#shared/egress.ts'
import type { Challenge, Solver } from '../solver.ts'
import { type AcmeDnsMeans, acmeDns } from './acme-dns.ts'
import { type Ask, askServer } from './ask.ts'
import { cloudflare } from './cloudflare.ts'
import type { DnsSecrets, DnsSolverConfig } from './configuration.ts'
import { followed, zoneOf } from './delegation.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'
import { dnsErrors } from './errors.ts'
import {
  isShownAbove,
  type Looking,
  notYetAtAuthorities,
  notYetAtResolvers,
} from './propagation.ts'
import type { DnsProvider, PlacedRecord } from './provider.ts'
import { txtRecord } from './record.ts'
import { resolverOf, systemResolvers } from './resolver.ts'
import { rfc2136 } from './rfc2136.ts'
import { route53 } from './route53.ts'
import { type WebhookMeans, webhook } from './webhook.ts'

export interface DnsMeans {
  readonly clock: Clock
  /** Questions to one server; over the network where left out. */
  readonly ask?: Ask
  /** Port of authoritative servers; 53 where left out. */
  readonly authoritativePort?: number
  /** Where connections may go; anywhere where left out. */
  readonly egress?: Egress | undefined
}

/** Throws `DnsSolverInvalid` for what cannot be used; nothing is sent yet. */
export function dnsSolver(config: DnsSolverConfig, secrets: DnsSecrets, means: DnsMeans): Solver {
  const { authoritativePort = 53, clock, egress } = means
  const servers = resolversIn(config)
  const ask = guarded(means, config.nameservers === undefined ? servers : [])
  const resolve = resolverOf(servers, ask)
  const looking = { ask, resolve, authoritativePort }
  const { label, provider } = providerOf(config, secrets, { ...looking, clock, egress })
  const placed = async (challenge: Challenge, signal: AbortSignal): Promise<PlacedRecord> => {
    const record = { ...txtRecord(challenge), domain: challenge.name }
    // acme-dns knows the end of its CNAMEs from the account.
    if (config.cnameStrategy !== 'Follow' || config.acmeDns !== undefined) return record
    return { ...record, name: await followed(record.name, resolve, signal) }
  }
  return {
    type: 'dns-01',
    label,
    present: async (challenge, signal) => provider.put(await placed(challenge, signal), signal),
    cleanUp: async (challenge, signal) => provider.remove(await placed(challenge, signal), signal),
    check: async (challenge, signal) => {
      const record = txtRecord(challenge)
      const { check = 'Authoritative' } = config
      if (check === 'None') return undefined
      if (check === 'Authoritative') {
        return notYetAtAuthorities(record, looking, signal)
      }
      return notYetAtResolvers(record, { ask, servers }, signal)
    },
  }
}

function resolversIn({ nameservers = [] }: DnsSolverConfig): readonly Endpoint[] {
  if (nameservers.length === 0) return systemResolvers()
  return nameservers.map((text) => {
    const server = endpointOf(text)
    if (server !== undefined) return server
    throw dnsErrors.DnsSolverInvalid(
      `${JSON.stringify(text)} among its nameservers is no host:port`,
      'Write e.g. 192.0.2.53:53',
    )
  })
}

/** Resolvers of this machine are its administrator's word: they may be anywhere. */
function guarded({ ask = askServer, egress }: DnsMeans, own: readonly Endpoint[]): Ask {
  if (egress === undefined) return ask
  return (asking, signal) =>
    ask(own.includes(asking.server) ? asking : { ...asking, egress }, signal)
}

interface ProviderMeans extends Looking {
  readonly clock: Clock
  readonly egress: Egress | undefined
}

interface NamedProvider {
  /** As in the configuration. */
  readonly label: string
  readonly provider: DnsProvider
}

function providerOf(
  config: DnsSolverConfig,
  secrets: DnsSecrets,
  means: ProviderMeans,
): NamedProvider {
  const { clock, egress } = means
  const made = {
    rfc2136: config.rfc2136 && rfc2136(config.rfc2136, secrets.tsigSecret, means),
    acmeDns:
      config.acmeDns &&
      acmeDns(config.acmeDns, secrets.acmeDnsAccounts, { shows: shownBy(means), egress }),
    cloudflare: config.cloudflare && cloudflare(config.cloudflare, secrets.cloudflareToken, egress),
    route53: config.route53 && route53(config.route53, secrets, { clock, egress }),
    webhook:
      config.webhook &&
      webhook(config.webhook, secrets.webhookKey, { clock, egress, zoneOf: zoneSeenBy(means) }),
  }
  const found = Object.entries(made).flatMap(([label, provider]) =>
    provider === undefined ? [] : [{ label, provider }],
  )
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  throw dnsErrors.DnsSolverInvalid(
    `it names ${found.length} providers`,
    `Name exactly one of ${Object.keys(made).join(', ')}`,
  )
}

/** Where nobody knows, it is sent again. */
function shownBy(means: ProviderMeans): AcmeDnsMeans['shows'] {
  return (name, value, signal) =>
    isShownAbove({ name, value }, means, signal).catch(() => {
      signal.throwIfAborted()
      return false
    })
}

/** A webhook may know its zones by itself, so nobody waits for ours. */
function zoneSeenBy({ resolve }: ProviderMeans): WebhookMeans['zoneOf'] {
  return (name, signal) =>
    zoneOf(name, resolve, signal).catch(() => {
      signal.throwIfAborted()
      return undefined
    })
}
