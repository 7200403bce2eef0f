/** The solver of an issuer as shared/acme/dns takes it: settings here, and what it needs out of which Secrets. */
import type { Dns01Solver } from '#operator/api/issuer-solvers.ts'
import type {
  DnsSecrets,
  DnsSolverConfig,
  Rfc2136Config,
  Route53Config,
  WebhookConfig,
} from '#shared/acme/dns/configuration.ts'

export interface SecretKey {
  readonly name: string
  readonly key: string
}

/** The access key id of Route 53 is no secret, but whoever has both keeps them together. */
export type DnsSecretName = keyof DnsSecrets | 'awsAccessKeyId'

/** Where each of the texts stands. */
export function dnsSecretKeys(dns: Dns01Solver): readonly (readonly [DnsSecretName, SecretKey])[] {
  const all: readonly (readonly [DnsSecretName, SecretKey | undefined])[] = [
    ['tsigSecret', dns.rfc2136?.keySecretRef],
    ['acmeDnsAccounts', dns.acmeDns?.accountSecretRef],
    ['cloudflareToken', dns.cloudflare?.apiTokenSecretRef],
    ['awsAccessKeyId', dns.route53?.accessKeyIdSecretRef],
    ['awsSecretAccessKey', dns.route53?.secretAccessKeySecretRef],
    ['webhookKey', dns.webhook?.tokenSecretRef],
  ]
  return all.flatMap(([what, where]) => (where === undefined ? [] : [[what, where] as const]))
}

/** @param accessKeyId of Route 53, out of its Secret */
export function dnsConfig(dns: Dns01Solver, accessKeyId: string | undefined): DnsSolverConfig {
  const { cnameStrategy, check = {} } = dns
  return given<DnsSolverConfig>({
    cnameStrategy,
    check: check.mode,
    nameservers: check.nameservers,
    rfc2136: dns.rfc2136 && rfc2136Config(dns.rfc2136),
    acmeDns: dns.acmeDns && given({ url: dns.acmeDns.server, caBundle: dns.acmeDns.caBundle }),
    cloudflare: dns.cloudflare && given({ zoneId: dns.cloudflare.zoneId }),
    route53: dns.route53 && route53Config(dns.route53, accessKeyId ?? ''),
    webhook: dns.webhook && webhookConfig(dns.webhook),
  })
}

type Settings<K extends keyof Dns01Solver> = NonNullable<Dns01Solver[K]>

function rfc2136Config({ server, zone, keyName, algorithm }: Settings<'rfc2136'>): Rfc2136Config {
  return given<Rfc2136Config>({ server, zone, tsigKeyName: keyName, tsigAlgorithm: algorithm })
}

function route53Config(
  { region, hostedZoneId }: Settings<'route53'>,
  accessKeyId: string,
): Route53Config {
  return given<Route53Config>({ accessKeyId, region, hostedZoneId })
}

function webhookConfig({ url, authentication, caBundle }: Settings<'webhook'>): WebhookConfig {
  return given<WebhookConfig>({ url, authentication, caBundle })
}

/** Without what is left out: the defaults are the solver's own. */
function given<T extends object>(settings: { readonly [K in keyof T]: T[K] | undefined }): T {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as T
}
