/** Errors of proving a name by DNS-01. Texts name servers, zones and causes, and hold no secret. */
import { defineErrors } from '#shared/errors.ts'

const acmeDns = { status: 500, type: 'Strongroom.DnsChallengeException' } as const

export const dnsErrors = defineErrors({
  /** The solver's own configuration or its Secret cannot be used. */
  DnsSolverInvalid: {
    ...acmeDns,
    message: (found: string, fix: string) => `Cannot use the DNS-01 solver: ${found}. ${fix}`,
  },
  /** No server gave an answer that could be used: unreachable, refused, or not DNS. */
  DnsLookupFailed: {
    ...acmeDns,
    message: (what: string, found: string) =>
      `Cannot look up ${what}: ${found}. Check that these servers can be reached, or set nameservers of the solver`,
  },
  /** CNAMEs go in a circle or on for too long. */
  DnsDelegationEndless: {
    ...acmeDns,
    message: (name: string, found: string) =>
      `Cannot follow the CNAMEs of ${name}: ${found}. Let ${name} lead to the record in a few steps`,
  },
  /** Nobody serves a zone for the name. */
  DnsZoneNotFound: {
    ...acmeDns,
    message: (name: string, where: string, fix: string) =>
      `Cannot find the zone of ${name}: ${where} has none. ${fix}`,
  },
  /** The primary server did not do the update. */
  DnsUpdateFailed: {
    ...acmeDns,
    message: (where: string, found: string, fix: string) =>
      `Cannot change the TXT record of ${where}: ${found}. ${fix}`,
  },
  /** A provider's API or a webhook said no, said nothing, or said what is no answer. */
  DnsProviderFailed: {
    ...acmeDns,
    message: (what: string, found: string, fix: string) => `Cannot ${what}: ${found}. ${fix}`,
  },
})
