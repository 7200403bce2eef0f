/** A Strongroom `vault` in a test's namespace, the certificate that it serves, and cert-manager's issuers beside it. */
import type { Strongroom, StrongroomMember } from '#operator/api/strongroom.ts'
import { type Secret, secretText } from '#operator/kube/secret.ts'
import { type Certificate, readCertificates } from '#shared/pki/certificate.ts'
import { until } from './run.ts'
import type { Place, Tenant } from './suite.ts'

/** A Strongroom `vault` whose public certificate comes from that source, for the host and more names. */
export function vault(
  server: object,
  dnsNames: readonly string[] = [],
  host = 'vault.example.com',
): string {
  return JSON.stringify({
    apiVersion: 'strongroom.dev/v1alpha1',
    kind: 'Strongroom',
    metadata: { name: 'vault' },
    spec: {
      storage: { size: '1Gi' },
      exposure: { host },
      tls: { server, dnsNames },
    },
  })
}

export function issuedBy(name: string): object {
  return { issuerRef: { group: 'cert-manager.io', name } }
}

/** Issuers `self-signed`, and `ca` with a CA of its own. */
export const issuers = `apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: self-signed}
spec: {selfSigned: {}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: ca}
spec:
  secretName: ca
  commonName: cert-manager test CA
  isCA: true
  privateKey: {algorithm: ECDSA, size: 256}
  issuerRef: {name: self-signed}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: ca}
spec: {ca: {secretName: ca}}
`

/** Takes cert-manager's kinds away, with every object of them. */
export async function removeDefinitions({ cluster }: Place): Promise<void> {
  const names = await cluster.kubectl('get', 'crd', '-o', 'name')
  const theirs = names.split('\n').filter((name) => name.endsWith('cert-manager.io'))
  if (theirs.length > 0) await cluster.kubectl('delete', '--timeout=60s', ...theirs)
}

export async function secretOf(tenant: Tenant, name: string): Promise<Secret | undefined> {
  return tenant.get<Secret>('secret', name)
}

export function leafOf(secret: Secret | undefined): Certificate | undefined {
  const pem = secretText(secret, 'tls.crt')
  return pem === '' ? undefined : readCertificates(Buffer.from(pem))[0]
}

/** The certificate in the Secret that pods mount. */
export async function mounted(tenant: Tenant): Promise<Certificate | undefined> {
  return leafOf(await secretOf(tenant, 'vault-server-tls'))
}

export async function statusOf(tenant: Tenant): Promise<Strongroom['status']> {
  return (await tenant.get<Strongroom>('strongroom', 'vault'))?.status
}

/** What the operator saw when it dialed the member. */
export async function serving(tenant: Tenant): Promise<StrongroomMember | undefined> {
  return (await statusOf(tenant))?.members?.[0]
}

export async function serverUid(tenant: Tenant): Promise<string> {
  return tenant.kubectl('get', 'pod', 'vault-0', '-o', 'jsonpath={.metadata.uid}')
}

/** The public certificate once the member was seen serving another than before. */
export async function servedAnew(tenant: Tenant, before?: Certificate): Promise<Certificate> {
  const look = async (): Promise<Certificate | undefined> => {
    const found = await mounted(tenant)
    if (found === undefined || found.sha256 === before?.sha256) return undefined
    return (await serving(tenant))?.serves?.public?.sha256 === found.sha256 ? found : undefined
  }
  return until('another certificate to be served', look, { withinMs: 120_000, everyMs: 200 }).catch(
    async (error: Error) => {
      throw new Error(`${error.message}\n${await tenant.describe()}`)
    },
  )
}
