/** Server certificates of a public authority, as a user would bring them. */
import { createHash } from 'node:crypto'
import { issueServerCertificate, makeAuthority, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'

export interface PublicAuthority {
  readonly ca: string
  readonly issue: () => Promise<Issued>
}

export interface Issued {
  /** The Secret, for `kubectl apply`. */
  readonly yaml: string
  /** Of the certificate, as hexadecimal digits. */
  readonly sha256: string
}

export async function publicAuthority(secretName: string, host: string): Promise<PublicAuthority> {
  const validity = { notBefore: Date.now() - 3_600_000, notAfter: Date.now() + 86_400_000 }
  const keys = await makeKeyPair('p-256')
  const authority = await makeAuthority({ commonName: 'public', validity, keys })
  return {
    ca: certificatePem(authority.certificate),
    issue: async () => {
      const { certificate, privateKey } = await issueServerCertificate(authority, {
        commonName: host,
        dnsNames: [host],
        ipAddresses: [],
        validity,
        keys: await makeKeyPair('p-256'),
      })
      const data = {
        'tls.crt': base64(certificatePem(certificate) + certificatePem(authority.certificate)),
        'tls.key': base64(privateKeyPem(privateKey)),
      }
      const metadata = { name: secretName }
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', data }
      const sha256 = createHash('sha256').update(certificate.der).digest('hex')
      return { yaml: JSON.stringify(secret), sha256 }
    },
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
