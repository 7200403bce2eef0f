/** Strongrooms in a test's namespace whose certificates come from the lab's CA. */
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { AcmeLab } from '#test/support/acme-lab/acme-lab.ts'
import type { Asked } from './load.ts'
import { until } from './run.ts'
import type { Tenant } from './suite.ts'

/** Where members answer, in place of 443. */
export const httpsPort = 8443

/** An issuer at the lab's CA, of its profile with the short lives. */
export function issuerManifest(
  { directoryUrl, trust }: AcmeLab,
  { name, solver }: { readonly name: string; readonly solver: object },
): string {
  const acme = {
    ...{ server: directoryUrl, caBundle: trust, email: 'ops@lab.test' },
    ...{ profile: 'shortlived', solvers: [solver] },
  }
  return manifest('StrongroomIssuer', name, { acme })
}

/** A Strongroom and its issuer have one name. */
export function strongroomManifest(
  name: string,
  { host, dnsNames = [] }: { readonly host: string; readonly dnsNames?: readonly string[] },
): string {
  const server = { issuerRef: { name } }
  const exposure = { host }
  return manifest('Strongroom', name, {
    ...{ storage: { size: '1Gi' }, exposure, tls: { server, dnsNames } },
  })
}

function manifest(kind: string, name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: 'strongroom.dev/v1alpha1',
    ...{ kind, metadata: { name }, spec },
  })
}

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
    await new Promise((resolve) => setTimeout(resolve, 200))
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
    everyMs: 200,
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
