/** Makes the certificates that a plan asks for. Keys are made here and go straight into their Secret. */
import { internalNames } from '#operator/api/names.ts'
import { tlsData, tlsMaterial } from '#operator/kube/tls-secret.ts'
import { authorityDays, leafDays } from '#operator/limits.ts'
import {
  type Issued,
  issueClientCertificate,
  issueServerCertificate,
  makeAuthority,
  makeKeyPair,
  type Validity,
} from '#shared/pki/issue.ts'
import { certificatePem } from '#shared/pki/pem.ts'
import type { Observed } from './observe.ts'
import { publicNames } from './public-names.ts'
import type { Purpose } from './stage.ts'
import { secretNameOf } from './stages/certificates.ts'

const dayMs = 86_400_000
/** Clocks of pods and clients may be behind. */
const skewMs = 60 * 60 * 1000

/** `data` of the Secret for that purpose. */
export async function issuedData(
  purpose: Purpose,
  observed: Observed,
): Promise<Record<string, string>> {
  const { cluster, nowMs } = observed
  const name = cluster.metadata.name
  const validity = (days: number): Validity => ({
    notBefore: nowMs - skewMs,
    notAfter: nowMs + days * dayMs,
  })
  const keys = await makeKeyPair('p-256')
  const title = `${cluster.metadata.namespace ?? 'default'}/${name}`.slice(0, 48)
  switch (purpose) {
    case 'client-authority':
      return tlsData(
        await makeAuthority({
          commonName: `${title} client CA`,
          validity: validity(authorityDays),
          keys,
        }),
      )
    case 'server-authority':
      return tlsData(
        await makeAuthority({
          commonName: `${title} server CA`,
          validity: validity(authorityDays),
          keys,
        }),
      )
    case 'operator':
      return tlsData(
        await issueClientCertificate(authority('client-authority', observed), {
          commonName: `${title} operator`,
          validity: validity(leafDays),
          keys,
        }),
      )
    case 'internal':
      return serverData(observed, {
        commonName: name,
        dnsNames: internalNames(name, cluster.metadata.namespace ?? ''),
        ipAddresses: ['127.0.0.1'],
        validity: validity(leafDays),
        keys,
      })
    case 'public': {
      const dnsNames = publicNames(cluster)
      return serverData(observed, {
        commonName: dnsNames[0] ?? name,
        dnsNames,
        ipAddresses: [],
        validity: validity(leafDays),
        keys,
      })
    }
    default:
      return purpose satisfies never
  }
}

async function serverData(
  observed: Observed,
  subject: Parameters<typeof issueServerCertificate>[1],
): Promise<Record<string, string>> {
  const signer = authority('server-authority', observed)
  return tlsData(await issueServerCertificate(signer, subject), {
    ca: certificatePem(signer.certificate),
  })
}

function authority(
  purpose: 'client-authority' | 'server-authority',
  { cluster, secrets }: Observed,
): Issued {
  const name = secretNameOf(purpose, cluster.metadata.name)
  const found = tlsMaterial(secrets.get(name), name)
  if (found.kind === 'unusable')
    throw new TypeError(`the plan makes authorities first: ${found.message}`)
  return { certificate: found.certificate, privateKey: found.key }
}
