/** What `Security.Certificate.LetsEncrypt.…` asks for, read and checked at start. */
import { readFile } from 'node:fs/promises'
import type { Config } from '#server/config.ts'
import { hostOf, type ListenAddress, listenAddress } from '#server/tls/address.ts'
import { type Check, firstFinding } from '#shared/checks.ts'
import { readCertificates } from '#shared/pki/certificate.ts'
import type { KeyKind } from '#shared/pki/issue.ts'
import { canonicalName, isAddress, isDnsName, namesCover } from '#shared/pki/names.ts'
import { orderErrors } from './errors.ts'

export interface OrderSettings {
  readonly directoryUrl: string
  readonly email: string
  /** As `canonicalName` writes them; the first one matters most. */
  readonly names: readonly string[]
  readonly challenge: Config['Security.Certificate.LetsEncrypt.Challenge']
  /** Whether the answer has to be seen from here before the CA is asked. */
  readonly check: Config['Security.Certificate.LetsEncrypt.Check']
  /** Where it is looked for; nothing: where public CAs ask. */
  readonly checkPort: number | undefined
  /** Where HTTP-01 is answered. */
  readonly http: ListenAddress
  /** PEM of the only authorities to trust for the CA's own HTTPS. */
  readonly trust: string | undefined
  readonly profile: string | undefined
  readonly keyKind: KeyKind
}

const directories: Readonly<Record<string, string>> = {
  production: 'https://acme-v02.api.letsencrypt.org/directory',
  staging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
}
const prefix = 'Security.Certificate.LetsEncrypt'

/** Nothing where no certificate is to be ordered. Throws `OrderSettingInvalid`, `ServerUrlInvalid`. */
export async function orderSettings(config: Config): Promise<OrderSettings | undefined> {
  const email = config[`${prefix}.Email`]
  if (email === undefined) return undefined
  const directory = config[`${prefix}.Directory`]
  const settings = {
    directoryUrl: directories[directory.toLowerCase()] ?? directory,
    email,
    names: namesIn(config),
    challenge: config[`${prefix}.Challenge`],
    check: config[`${prefix}.Check`],
    checkPort: config[`${prefix}.Check.Port`],
    http: listenAddress(config[`${prefix}.Http.Url`]),
    trust: await trustIn(config[`${prefix}.TrustedCertificates.Path`]),
    profile: config[`${prefix}.Profile`],
    keyKind: config[`${prefix}.KeyType`] === 'Rsa3072' ? ('rsa-3072' as const) : ('p-256' as const),
  }
  const found = firstFinding(settingChecks, { ...settings, publicHost: publicHostIn(config) })
  if (found !== undefined) throw orderErrors.OrderSettingInvalid(found[0], found[1])
  return settings
}

function publicHostIn({ PublicServerUrl: url }: Config): string | undefined {
  return url === undefined ? undefined : hostOf(url)
}

/** Those that are named, or the public one. */
function namesIn(config: Config): readonly string[] {
  const named = (config[`${prefix}.Names`] ?? publicHostIn(config) ?? '')
    .split(/[;,\s]+/)
    .filter((name) => name !== '')
    .map(canonicalName)
  return [...new Set(named)]
}

async function trustIn(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  const setting = 'TrustedCertificates.Path'
  const text = await readFile(path, 'utf8').catch(() => {
    throw orderErrors.OrderSettingInvalid(setting, `cannot be read: "${path}"`)
  })
  try {
    readCertificates(Buffer.from(text))
  } catch {
    throw orderErrors.OrderSettingInvalid(setting, `holds no certificates in PEM: "${path}"`)
  }
  return text
}

interface Question extends OrderSettings {
  readonly publicHost: string | undefined
}
type Finding = readonly [setting: string, why: string]

const settingChecks: readonly Check<Question, Finding>[] = [
  emailIsNone,
  directoryIsNone,
  namesAreMissing,
  someNameIsNone,
  wildcardsNeedDns,
  publicNameIsMissing,
  httpAddressIsNone,
]

function emailIsNone({ email }: Question): Finding | undefined {
  return /^[^\s@,?]+@[^\s@,?]+$/.test(email) ? undefined : ['Email', 'is no e-mail address']
}

function directoryIsNone({ directoryUrl }: Question): Finding | undefined {
  return URL.canParse(directoryUrl) && new URL(directoryUrl).protocol === 'https:'
    ? undefined
    : ['Directory', 'is neither production nor staging nor a URL that begins with https://']
}

function namesAreMissing({ names }: Question): Finding | undefined {
  return names.length === 0
    ? ['Names', 'is missing: name what to prove, or set PublicServerUrl']
    : undefined
}

function someNameIsNone({ names }: Question): Finding | undefined {
  const wrong = names.find((name) => !isAddress(name) && !isDnsName(name))
  return wrong === undefined
    ? undefined
    : ['Names', `holds "${wrong}", which is neither a DNS name nor an address`]
}

function wildcardsNeedDns({ names, challenge }: Question): Finding | undefined {
  const wildcard = challenge === 'Dns01' ? undefined : names.find((name) => name.startsWith('*.'))
  return wildcard === undefined
    ? undefined
    : ['Challenge', `cannot prove "${wildcard}": wildcards are proven by Dns01 only`]
}

function publicNameIsMissing({ names, publicHost }: Question): Finding | undefined {
  if (publicHost === undefined || namesCover(names, publicHost)) return undefined
  return ['Names', `does not cover "${publicHost}", the host of PublicServerUrl`]
}

function httpAddressIsNone({ challenge, http }: Question): Finding | undefined {
  return challenge === 'Http01' && http.scheme !== 'http'
    ? ['Http.Url', 'does not begin with http://, which is how CAs ask']
    : undefined
}
