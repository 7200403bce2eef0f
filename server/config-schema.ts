/**
 * Every setting that this server knows, with default and meaning. Keys are RavenDB's wherever RavenDB has one; ours follow its pattern.
 * `docs/reference/configuration.md` is generated from this table.
 */
import { type Static, type TSchema, Type } from 'typebox'

/** One of a few words. A plain JSON schema, so that the reader below sees the words. */
function oneOf<const W extends readonly string[]>(words: W, options: Described) {
  return Type.Unsafe<W[number]>({ type: 'string', enum: words, ...options })
}

interface Described {
  readonly group: string
  readonly description: string
  readonly default?: string
  /** Never shown in a log or an error. */
  readonly secret?: true
}

const network = 'Network'
const storage = 'Storage'
const serverCertificate = 'Server certificate'
const order = 'Ordering a server certificate'
const keys = 'Keys and encryption'
const access = 'Access'
const logs = 'Logs'

export const configSchema = Type.Object({
  ServerUrl: Type.String({
    group: network,
    default: 'https://127.0.0.1:8443',
    description:
      'Address to listen on: scheme, host and port. Port 0 takes a free one. `http://` only without a certificate, and where `Security.UnsecuredAccessAllowed` covers the address.',
  }),
  PublicServerUrl: Type.Optional(
    Type.String({
      group: network,
      description:
        'URL under which clients reach this server, answered in topologies. Left out: the name by which the caller came, where the server certificate covers it, else `ServerUrl`.',
    }),
  ),
  'ServerUrl.Tcp': Type.String({
    group: network,
    default: 'tcp://127.0.0.1:38888',
    description: 'Address for TCP connections, so far only told to clients that ask for it.',
  }),
  'PublicServerUrl.Tcp': Type.Optional(
    Type.String({
      group: network,
      description: 'TCP URL that is told instead of `ServerUrl.Tcp`.',
    }),
  ),
  DataDir: Type.String({
    group: storage,
    default: './strongroom-data',
    description: 'Folder of the data, the keys and the certificates; made at first start.',
  }),
  RunInMemory: Type.Boolean({
    group: storage,
    default: false,
    description:
      'Keep databases and server store in memory only. Certificates are still written to `DataDir`.',
  }),
  'Documents.MaxSizeInMb': Type.Integer({
    group: storage,
    default: 64,
    minimum: 1,
    maximum: 128,
    description:
      'Largest document in MiB, as JSON; larger ones are refused with 413, alone and in batches. Not in RavenDB.',
  }),
  'Security.Certificate.Path': Type.Optional(
    Type.String({
      group: serverCertificate,
      description:
        'Server certificate: a PFX with its key, PEM, or a folder with `tls.crt` and `tls.key` (a mounted Secret). What changes is served within two seconds, without a restart; what does not pass its checks is not served. Left out, without `.Internal.Path`: the server makes a certificate authority and a certificate of its own.',
    }),
  ),
  'Security.Certificate.Internal.Path': Type.Optional(
    Type.String({
      group: serverCertificate,
      description:
        'A second server certificate, like the first: a PFX without password, PEM with its key, or a folder with `tls.crt` and `tls.key`. It is served under the names that it covers and to whoever names no host; who came under such a name is answered it in topologies. The first one is served under all other names, and may be missing or unusable, and come later. Not in RavenDB.',
    }),
  ),
  'Security.Certificate.Password': Type.Optional(
    Type.String({
      group: serverCertificate,
      secret: true,
      description:
        'Password of that PFX, or of the encrypted PEM key. One line break at its end, as files and Secrets have it, is not part of it.',
    }),
  ),
  'Security.Certificate.Key.Path': Type.Optional(
    Type.String({
      group: serverCertificate,
      description: 'PEM key where it is not in the file of the certificate. Not in RavenDB.',
    }),
  ),
  'Security.Certificate.Load.Exec': Type.Optional(
    Type.String({
      group: serverCertificate,
      description:
        'Program that prints the server certificate: a PFX with its key, or PEM, raw on standard output. Instead of `.Path`. Asked at start, every hour, and within two seconds after one of the files has changed that it or its arguments name; what it printed stays in memory. Where it fails, the certificate of before stays, and it is asked again after 10 seconds, doubling to the hour.',
    }),
  ),
  'Security.Certificate.Load.Exec.Arguments': Type.Optional(
    Type.String({ group: serverCertificate, description: 'Arguments of that program.' }),
  ),
  'Security.Certificate.Exec.TimeoutInSec': Type.Integer({
    group: serverCertificate,
    default: 30,
    minimum: 1,
    description: 'Seconds that the program may take.',
  }),
  'Security.Certificate.ExpiringThresholdInDays': Type.Integer({
    group: serverCertificate,
    default: 14,
    minimum: 0,
    description: 'A certificate with fewer days left counts as expiring, in the metrics.',
  }),
  'Security.Certificate.LetsEncrypt.Email': Type.Optional(
    Type.String({
      group: order,
      description:
        'Order the server certificate from a CA, renew it in time, and serve it without a restart, instead of `Security.Certificate.Path`. The CA is given this address; to give it is to agree to the CA’s terms of service. Until the first certificate comes, one of our own making is served.',
    }),
  ),
  'Security.Certificate.LetsEncrypt.Directory': Type.String({
    group: order,
    default: 'production',
    description:
      'URL of the CA’s ACME directory (RFC 8555); `production` and `staging` are Let’s Encrypt’s. Not in RavenDB, as are all settings below.',
  }),
  'Security.Certificate.LetsEncrypt.Names': Type.Optional(
    Type.String({
      group: order,
      description:
        'Names of the certificate, separated by semicolons: DNS names, `*.` ones with `Dns01`, addresses where the CA has them. Left out: the host of `PublicServerUrl`.',
    }),
  ),
  'Security.Certificate.LetsEncrypt.Challenge': oneOf(['TlsAlpn01', 'Http01', 'Dns01'], {
    group: order,
    default: 'TlsAlpn01',
    description:
      'How the names are proven. `TlsAlpn01`: by this server itself, which the CA must reach on port 443. `Http01`: on port 80, see `.Http.Url`. `Dns01`: by a record in DNS, see `.Dns.Path`; nobody has to reach this server.',
  }),
  'Security.Certificate.LetsEncrypt.Check': oneOf(['Warn', 'Require', 'None'], {
    group: order,
    default: 'Warn',
    description:
      'With `TlsAlpn01` and `Http01`: before the CA is asked, this server asks itself by the name, as the CA will. `Warn`: what it does not see is logged, and the CA is asked all the same, since a host behind a router often cannot reach its own public address. `Require`: the CA is not asked before it is seen, so that no failure counts there. `None`: nobody looks. `Dns01` has a `check` of its own.',
  }),
  'Security.Certificate.LetsEncrypt.Check.Port': Type.Optional(
    Type.Integer({
      group: order,
      minimum: 1,
      maximum: 65_535,
      description:
        'Port of that look, for a CA of your own that asks another one. Left out: 443 with `TlsAlpn01`, 80 with `Http01`.',
    }),
  ),
  'Security.Certificate.LetsEncrypt.Http.Url': Type.String({
    group: order,
    default: 'http://0.0.0.0:80',
    description:
      'Address to listen on with `Http01`. It answers what the CA asks below `/.well-known/acme-challenge/`, and nothing else.',
  }),
  'Security.Certificate.LetsEncrypt.Dns.Path': Type.Optional(
    Type.String({
      group: order,
      description:
        'JSON file for `Dns01`: exactly one provider and how it is checked, as `dns01` of a StrongroomIssuer. No secret stands in it.',
    }),
  ),
  'Security.Certificate.LetsEncrypt.Dns.Secrets.Path': Type.Optional(
    Type.String({
      group: order,
      description:
        'Folder with the secrets of that provider, each in a file of its own (a mounted Secret): `tsigSecret`, `acmeDnsAccounts`, `cloudflareToken`, `awsSecretAccessKey`, `awsSessionToken`, `webhookKey`. Read anew for each order.',
    }),
  ),
  'Security.Certificate.LetsEncrypt.TrustedCertificates.Path': Type.Optional(
    Type.String({
      group: order,
      description:
        'PEM file with the only authorities to trust for the CA’s own HTTPS, for a CA of your own. Left out: those that Node trusts.',
    }),
  ),
  'Security.Certificate.LetsEncrypt.Profile': Type.Optional(
    Type.String({ group: order, description: 'Profile of the certificate, one of the CA’s.' }),
  ),
  'Security.Certificate.LetsEncrypt.KeyType': oneOf(['EcdsaP256', 'Rsa3072'], {
    group: order,
    default: 'EcdsaP256',
    description: 'Kind of the certificate’s key, which is made anew for each certificate.',
  }),
  'Security.ServerCertificateIsAdmin': Type.Boolean({
    group: serverCertificate,
    default: false,
    description:
      'Whoever presents the server’s own certificate as a client is ClusterAdmin, as in RavenDB. Not in RavenDB, where it always is so.',
  }),
  'Security.MasterKey.Path': Type.Optional(
    Type.String({
      group: keys,
      description:
        'File with the 32 bytes of the master key. Left out (and without `.Exec`): `<DataDir>/keys/`, made at first start.',
    }),
  ),
  'Security.MasterKey.Exec': Type.Optional(
    Type.String({
      group: keys,
      description: 'Program that prints the 32 bytes of the master key.',
    }),
  ),
  'Security.MasterKey.Exec.Arguments': Type.Optional(
    Type.String({ group: keys, description: 'Arguments of that program.' }),
  ),
  'Security.MasterKey.Exec.TimeoutInSec': Type.Integer({
    group: keys,
    default: 30,
    minimum: 1,
    description: 'Seconds that the program may take.',
  }),
  'Security.Encryption.Required': Type.Boolean({
    group: keys,
    default: false,
    description: 'Refuse to create databases that are not encrypted. Not in RavenDB.',
  }),
  'Security.DoNotConsiderMemoryLockFailureAsCatastrophicError': Type.Boolean({
    group: keys,
    default: false,
    description: 'Go on where keys cannot be locked in memory, so that they could reach swap.',
  }),
  'Security.UnsecuredAccessAllowed': oneOf(['None', 'Local', 'PrivateNetwork', 'PublicNetwork'], {
    group: access,
    default: 'Local',
    description:
      'Which addresses a server may have that runs on plain HTTP and asks nobody who he is: none, the loopback ones, private ones, or any.',
  }),
  'Security.WellKnownCertificates.Admin': Type.Optional(
    Type.String({
      group: access,
      description: 'Thumbprints of certificates that are ClusterAdmin, separated by semicolons.',
    }),
  ),
  'Security.WellKnownCertificates.Admin.Path': Type.Optional(
    Type.String({
      group: access,
      description:
        'Folder with certificates that are ClusterAdmin: files in PEM or DER whose names end in `.crt`, `.pem` or `.cer`. Read live: who is added is let in, and who is taken away refused, within two seconds. With it the first start makes neither an administrator nor a server certificate. Not in RavenDB.',
    }),
  ),
  'Security.WellKnownIssuers.Admin': Type.Optional(
    Type.String({
      group: access,
      description:
        'Authorities of your own; whoever they signed is ClusterAdmin. Base64 of DER, or files in DER or PEM, separated by semicolons. Public authorities are refused.',
    }),
  ),
  'Security.MaxConnectionsPerAddress': Type.Integer({
    group: access,
    default: 2_000,
    minimum: 10,
    description:
      'Connections of one address, or of one IPv6 network of 64 bits, on which no registered certificate has been shown yet. For one more the oldest of them is closed. Others are not counted: thousands of clients may come through one proxy. Not in RavenDB.',
  }),
  'Security.DisableHsts': Type.Boolean({
    group: access,
    default: false,
    description: 'Do not tell browsers to use HTTPS only (Strict-Transport-Security).',
  }),
  'Security.Csrf.Enabled': Type.Boolean({
    group: access,
    default: true,
    description: 'Refuse requests whose Origin header names another site.',
  }),
  'Security.Csrf.TrustedOrigins': Type.Optional(
    Type.String({
      group: access,
      description: 'Origins that are let in nevertheless, separated by semicolons.',
    }),
  ),
  'Logs.MinLevel': oneOf(['Trace', 'Debug', 'Info', 'Warn', 'Error', 'Fatal', 'Off'], {
    group: logs,
    default: 'Info',
    description: 'Lines of lower rank are left out of the log on standard error.',
  }),
})

/** The settings as they are in force: every default filled in, nothing to be changed any more. */
export type Config = Readonly<Static<typeof configSchema>>

export type ConfigKey = keyof Config & string

/** Schema of one setting, as data. */
export interface SettingSchema {
  readonly key: ConfigKey
  readonly type: 'string' | 'boolean' | 'integer'
  readonly words: readonly string[] | undefined
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly default: string | number | boolean | undefined
  readonly group: string
  readonly description: string
}

/** All settings in the order of the table. */
export const settings: readonly SettingSchema[] = Object.entries(configSchema.properties).map(
  ([key, schema]) => settingOf(key as ConfigKey, schema),
)

function settingOf(key: ConfigKey, schema: TSchema): SettingSchema {
  const {
    enum: words,
    minimum,
    maximum,
    ...rest
  } = schema as TSchema & SettingSchema & { enum?: string[] }
  return { ...rest, key, words, minimum, maximum }
}

/** RavenDB's keys that have no meaning here. They are accepted, and said once in the log. A trailing dot stands for a whole family. */
export const settingsWithoutMeaning: readonly string[] = [
  'License',
  'License.',
  'Setup.Mode',
  'Features.Availability',
  'Testing.',
  'Logs.',
  'Indexing.',
  'Cluster.',
  'Replication.',
  'Storage.',
  'Server.',
  'Http.',
  'Memory.',
  'Databases.',
  'Query.',
  'Patching.',
  'Etl.',
  'Subscriptions.',
  'Tombstones.',
  'TransactionMerger.',
  'TrafficWatch.',
  'Monitoring.',
  'Notifications.',
  'PerformanceHints.',
  'Updates.',
  'Studio.',
  'Embedded.',
  'Migration.',
  'Security.DisableHttpsRedirection',
]

/** RavenDB's keys whose promise this version cannot keep yet. Ignoring them would leave somebody with less security than he asked for. */
export const settingsNotBuilt: readonly string[] = [
  'Backup.',
  'Security.AuditLog.',
  'Security.Certificate.Change.',
  'Security.Certificate.Exec',
  'Security.Certificate.Exec.',
  'Security.Certificate.Renew.',
  'Security.Certificate.Validation.',
  'Security.Csrf.AdditionalOriginHeaders',
  'Security.TlsCipherSuites',
  'Security.TwoFactor.',
  'Security.WellKnownIssuers.Admin.ValidateCertificateNames',
]
