/**
 * What somebody writes down to prove names by DNS-01: exactly one provider, and how the answer is checked before the CA is asked.
 * Nothing secret is in here; `DnsSecrets` stands beside it.
 */

/** Exactly one provider, beside the common part. */
export interface DnsSolverConfig {
  readonly rfc2136?: Rfc2136Config
  readonly acmeDns?: AcmeDnsConfig
  readonly cloudflare?: CloudflareConfig
  readonly route53?: Route53Config
  readonly webhook?: WebhookConfig
  /** `Follow`: write the record where the CNAME of `_acme-challenge.<name>` leads; `None` (default): write it there itself. */
  readonly cnameStrategy?: 'None' | 'Follow'
  /**
   * Who must show the answer before the CA is asked. `Authoritative` (default): every name server of the zone, found through
   * `nameservers`; `Recursive`: every one of `nameservers`, for networks that see another zone than the CA does (a
   * resolver with a cache may say for a while that there is nothing); `None`: nobody.
   */
  readonly check?: 'Authoritative' | 'Recursive' | 'None'
  /** Resolvers as `host:port`, `host` (port 53) or `[IPv6]:port`; the system's own where left out or empty. */
  readonly nameservers?: readonly string[]
}

/** Dynamic update (RFC 2136), signed with TSIG (RFC 8945). Secret: `tsigSecret`. */
export interface Rfc2136Config {
  /** The primary server of the zone: `host:port` or `host` (port 53). Asked over TCP. */
  readonly server: string
  /** The zone; the server is asked where left out. */
  readonly zone?: string
  /** Name of the TSIG key, as the server knows it. Without it updates go unsigned, which few servers allow. */
  readonly tsigKeyName?: string
  /** `hmac-sha256` where left out. */
  readonly tsigAlgorithm?: 'hmac-sha256' | 'hmac-sha512'
}

/** An acme-dns server. Secret: `acmeDnsAccounts`. */
export interface AcmeDnsConfig {
  /** `https://…` */
  readonly url: string
  /** PEM of the only authorities to trust; the system's own where left out. */
  readonly caBundle?: string
}

/** Cloudflare's API. Secret: `cloudflareToken`, which may edit DNS and read zones. */
export interface CloudflareConfig {
  /** 32 hexadecimal digits; found by name where left out. */
  readonly zoneId?: string
  /** Another address of the API, for a gateway or for tests. */
  readonly url?: string
  readonly caBundle?: string
}

/** Amazon Route 53. Secrets: `awsSecretAccessKey`, and `awsSessionToken` where the key is a temporary one. */
export interface Route53Config {
  readonly accessKeyId: string
  /** Region that requests are signed for; `us-east-1` where left out. */
  readonly region?: string
  /** E.g. `Z0123456789ABC`; found by name where left out. */
  readonly hostedZoneId?: string
  /** Another address of the API, for other partitions, VPC endpoints or tests. */
  readonly url?: string
  readonly caBundle?: string
}

/** Somebody's own service: docs/reference/dns-webhook.md. Secret: `webhookKey`. */
export interface WebhookConfig {
  /** `https://…` */
  readonly url: string
  /** How the secret is used: `Bearer` sends it, `Hmac` (default) signs with it. */
  readonly authentication?: 'Bearer' | 'Hmac'
  readonly caBundle?: string
}

/** Texts out of Secrets. Never in an error, log or status. */
export interface DnsSecrets {
  /** Base64, as `tsig-keygen` and `keymgr` write it. */
  readonly tsigSecret?: string
  /** JSON: name → {username, password, fulldomain, subdomain}, as acme-dns answered when each was registered. */
  readonly acmeDnsAccounts?: string
  readonly cloudflareToken?: string
  readonly awsSecretAccessKey?: string
  readonly awsSessionToken?: string
  readonly webhookKey?: string
}
