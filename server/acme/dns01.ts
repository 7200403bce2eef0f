/** DNS-01 as the files say: the provider in one, its secrets in a folder. Read anew each time, so that a changed secret is used. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dnsSecretBytesMax } from '#server/limits.ts'
import type { DnsSecrets, DnsSolverConfig } from '#shared/acme/dns/configuration.ts'
import { dnsSolver } from '#shared/acme/dns/dns-solver.ts'
import type { Solver } from '#shared/acme/solver.ts'
import type { Clock } from '#shared/clock.ts'
import { jsonShape } from '#shared/contract/json.ts'
import { contentFolder, isFileError } from '#shared/files.ts'
import { type Static, Type } from '#shared/schema/type.ts'
import { orderErrors } from './errors.ts'

export interface Dns01Parts {
  /** JSON: see `DnsSolverConfig`. */
  readonly path: string | undefined
  /** A file for each member of `DnsSecrets` that there is. */
  readonly secretsFolder: string | undefined
  readonly clock: Clock
}

const text = Type.String({ minLength: 1 })
const optional = Type.Optional(text)
const oneOf = <const W extends readonly string[]>(...words: W) =>
  Type.Optional(Type.Union(words.map((word) => Type.Literal(word as W[number]))))
const providers = {
  rfc2136: Type.Object({
    ...{ server: text, zone: optional, tsigKeyName: optional },
    tsigAlgorithm: oneOf('hmac-sha256', 'hmac-sha512'),
  }),
  acmeDns: Type.Object({ url: text, caBundle: optional }),
  cloudflare: Type.Object({ zoneId: optional, url: optional, caBundle: optional }),
  route53: Type.Object({
    ...{ accessKeyId: text, region: optional, hostedZoneId: optional },
    ...{ url: optional, caBundle: optional },
  }),
  webhook: Type.Object({
    ...{ url: text, caBundle: optional },
    authentication: oneOf('Bearer', 'Hmac'),
  }),
}
const dnsSchema = Type.Object({
  rfc2136: Type.Optional(providers.rfc2136),
  acmeDns: Type.Optional(providers.acmeDns),
  cloudflare: Type.Optional(providers.cloudflare),
  route53: Type.Optional(providers.route53),
  webhook: Type.Optional(providers.webhook),
  cnameStrategy: oneOf('None', 'Follow'),
  check: oneOf('Authoritative', 'Recursive', 'None'),
  nameservers: Type.Optional(Type.Array(text)),
})
const dnsShape = jsonShape(dnsSchema)

/** Throws `OrderSettingInvalid`, `DnsSolverInvalid`. */
export async function dns01Solver({ path, secretsFolder, clock }: Dns01Parts): Promise<Solver> {
  if (path === undefined) throw orderErrors.OrderSettingInvalid('Dns.Path', 'is missing')
  const secrets = secretsFolder === undefined ? {} : await secretsIn(secretsFolder)
  return dnsSolver(await configIn(path), secrets, { clock })
}

async function configIn(path: string): Promise<DnsSolverConfig> {
  const content = await readFile(path, 'utf8').catch(() => {
    throw orderErrors.OrderSettingInvalid('Dns.Path', `cannot be read: "${path}"`)
  })
  const config: Static<typeof dnsSchema> | undefined = dnsShape.read(content)
  const why = config === undefined ? 'it is not of that shape' : strangerIn(config)
  if (config !== undefined && why === undefined) return config
  throw orderErrors.OrderSettingInvalid(
    'Dns.Path',
    `does not hold the JSON of a DNS-01 solver: "${path}": ${why}`,
  )
}

/** A misspelt member would be a wish that nobody heeds. */
function strangerIn(config: Static<typeof dnsSchema>): string | undefined {
  const inside = Object.entries(providers).flatMap(([provider, { properties }]) =>
    Object.keys(config[provider as keyof typeof providers] ?? {})
      .filter((member) => !(member in properties))
      .map((member) => `${provider}.${member}`),
  )
  const outside = Object.keys(config).filter((member) => !(member in dnsSchema.properties))
  const [stranger] = [...outside, ...inside]
  return stranger === undefined ? undefined : `there is no "${stranger}" in it`
}

const secretNames = [
  ...(['tsigSecret', 'acmeDnsAccounts', 'cloudflareToken'] as const),
  ...(['awsSecretAccessKey', 'awsSessionToken', 'webhookKey'] as const),
]

/** Of one generation, whatever kubelet swaps meanwhile. */
async function secretsIn(path: string): Promise<DnsSecrets> {
  const folder = await contentFolder(path)
  const found = await Promise.all(
    secretNames.map(async (name) => [name, await secretIn(join(folder, name))] as const),
  )
  return Object.fromEntries(found.filter(([, secret]) => secret !== undefined))
}

async function secretIn(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (isFileError(error, 'ENOENT')) return undefined
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    throw orderErrors.OrderSettingInvalid('Dns.Secrets.Path', `cannot be read: "${path}" (${why})`)
  })
  if (bytes === undefined) return undefined
  if (bytes.length > dnsSecretBytesMax) {
    const why = `holds a secret of more than ${dnsSecretBytesMax} bytes: "${path}"`
    throw orderErrors.OrderSettingInvalid('Dns.Secrets.Path', why)
  }
  return bytes.toString('utf8').trim()
}
