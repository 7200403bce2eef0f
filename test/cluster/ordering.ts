/** Strongrooms in a test's namespace whose certificates come from the lab's CA. */
import { X509Certificate } from 'node:crypto'
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { AcmeLab } from '#test/support/acme-lab/acme-lab.ts'
import { type Asked, dialed } from './load.ts'
import { run, succeeds, until } from './run.ts'
import type { Tenant } from './suite.ts'

/** Where members answer, in place of 443. */
export const httpsPort = 8443

/** An issuer at the lab's CA, of its profile with the short lives unless `more` says otherwise. */
export function issuerManifest(
  { directoryUrl, trust }: Pick<AcmeLab, 'directoryUrl'> & Partial<Pick<AcmeLab, 'trust'>>,
  {
    name,
    solver,
    more = {},
  }: { readonly name: string; readonly solver: object; readonly more?: object | undefined },
): string {
  const acme = {
    ...{ server: directoryUrl, caBundle: trust, email: 'ops@lab.test' },
    ...{ profile: 'shortlived', solvers: [solver], ...more },
  }
  return manifest('StrongroomIssuer', name, { acme })
}

export function secretManifest(name: string, stringData: Readonly<Record<string, string>>): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData })
}

/**
 * A solver by signed updates of the lab's zone. `secret`: that which holds the key, see `tsigManifest`; `more`: `check`, where it is not
 * the look that operators take by themselves, and the like.
 */
export function signedUpdates(
  { dns: { address, tsigKey } }: Pick<AcmeLab, 'dns'>,
  {
    secret = 'tsig',
    ...more
  }: { readonly secret?: string; readonly [setting: string]: unknown } = {},
): { readonly dns01: object } {
  const keySecretRef = { name: secret, key: 'key' }
  const rfc2136 = { server: address, keyName: tsigKey.name, keySecretRef }
  return { dns01: { rfc2136, ...more } }
}

/** A `check` for pods that have the cluster's DNS, where the lab's names are unknown. */
export function askedOfTheLab({ dns: { address } }: Pick<AcmeLab, 'dns'>): object {
  return { mode: 'Recursive', nameservers: [address] }
}

export function tsigManifest({ dns }: Pick<AcmeLab, 'dns'>): string {
  return secretManifest('tsig', { key: dns.tsigKey.secret })
}

/** A Strongroom and its issuer have one name. */
export function strongroomManifest(
  name: string,
  {
    host,
    dnsNames = [],
  }: { readonly host: string; readonly dnsNames?: readonly string[] | undefined },
): string {
  const server = { issuerRef: { name } }
  const exposure = { host }
  return manifest('Strongroom', name, {
    ...{ storage: { size: '1Gi' }, exposure, tls: { server, dnsNames } },
  })
}

/**
 * One whose members never run, for want of a volume: they are in the way of nothing that goes on before they matter. `server`: `spec.tls.server`,
 * by default the issuer of that name.
 */
export function memberlessManifest(
  name: string,
  { host, server = { issuerRef: { name } } }: { readonly host: string; readonly server?: object },
): string {
  const storage = { size: '1Gi', className: 'there-is-none' }
  return manifest('Strongroom', name, { storage, exposure: { host }, tls: { server } })
}

function manifest(kind: string, name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: 'strongroom.dev/v1alpha1',
    ...{ kind, metadata: { name }, spec },
  })
}

/** Between two looks, each of which is a process: so many of them at once that they slow down what they look at. */
const lookMs = 500
const knownMs = 3_000

/** The names lead to the members of those Strongrooms as soon as they have an address, until the signal. */
export async function publishAddresses(
  tenant: Tenant,
  { dns, hosts }: Pick<AcmeLab, 'dns'> & { readonly hosts: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, string>()
  while (!signal.aborted) {
    for (const [name, host] of Object.entries(hosts)) {
      const address = await addressOf(tenant, name).catch(() => '')
      if (address !== '' && known.get(name) !== address) {
        await dns.setAddress(host, address)
        known.set(name, address)
      }
    }
    const isKnown = Object.keys(hosts).every((name) => known.has(name))
    await new Promise((resolve) => setTimeout(resolve, isKnown ? knownMs : lookMs))
  }
}

export function addressOf(tenant: Tenant, name: string): Promise<string> {
  const path = 'jsonpath={.status.podIP}'
  return tenant.kubectl('get', 'pod', `${name}-0`, '--ignore-not-found', '-o', path)
}

export async function statusOf(tenant: Tenant, name: string): Promise<Strongroom['status']> {
  return (await tenant.get<Strongroom>('strongroom', name))?.status
}

/** The fingerprint of the given certificate, where the operator saw the member serve it; nothing until then. */
export function servedOf(status: Strongroom['status']): string | undefined {
  const given = status?.publicCertificate?.sha256
  const served = status?.members?.[0]?.serves?.public?.sha256
  return given === served ? given : undefined
}

/** Waits until the given certificate of at least that revision is served; returns its fingerprint. */
export async function servedFrom(
  tenant: Tenant,
  { name, revision, withinMs }: Pick<Wanted, 'name' | 'revision' | 'withinMs'>,
): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    const status = await statusOf(tenant, name)
    return (status?.publicCertificate?.revision ?? 0) >= revision ? servedOf(status) : undefined
  }
  return until(`revision ${revision} of ${name} to be served`, look, {
    withinMs,
    everyMs: lookMs,
  }).catch(async (error: Error) => {
    const order = JSON.stringify((await statusOf(tenant, name))?.order)
    throw new Error(`${error.message}\n${order}\n${await tenant.describe()}`)
  })
}

interface Wanted {
  readonly name: string
  readonly revision: number
  readonly withinMs: number
}

export async function askedOf(
  tenant: Tenant,
  { name, host, ca }: { readonly name: string; readonly host: string; readonly ca: string },
): Promise<Asked> {
  return { address: await addressOf(tenant, name), port: httpsPort, host, ca }
}

/** Status, a dial and `openssl s_client` say the same: asked again where a renewal came between them. */
export async function statusIsServed(tenant: Tenant, name: string, asked: Asked): Promise<void> {
  const hasOpenssl = await succeeds('openssl', ['version'])
  await until(
    `the status of ${name} to be what it serves`,
    async () => {
      const told = servedOf(await statusOf(tenant, name))
      const seen = [await dialed(asked), ...(hasOpenssl ? [await seenByOpenssl(asked)] : [])]
      if (told === undefined || seen.some((sha256) => sha256 !== told))
        throw new Error(`${told} and ${seen}`)
      return true
    },
    { withinMs: 30_000, everyMs: 500 },
  )
}

async function seenByOpenssl({ address, port, host: servername }: Asked): Promise<string> {
  const to = ['-connect', `${address}:${port}`, '-servername', servername]
  const text = await run('openssl', ['s_client', ...to, '-showcerts'], { timeoutMs: 10_000 })
  const [pem = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? []
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase()
}
