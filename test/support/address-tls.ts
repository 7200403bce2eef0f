/** TLS for a server beside the tests that is reached by its address. */
import { issueServerCertificate, makeKeyPair } from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'
import { authority, days } from './certificates.ts'
import type { Pair } from './https-server.ts'

export interface AddressTls {
  /** PEM of what verifies it. */
  readonly trust: string
  readonly tls: Pair
}

/** For that address, 127.0.0.1 and `localhost`, from a new authority of that name. */
export async function addressTls(address: string, authorityName: string): Promise<AddressTls> {
  const signer = await authority(authorityName)
  const { certificate, privateKey } = await issueServerCertificate(signer, {
    commonName: 'localhost',
    dnsNames: ['localhost'],
    ipAddresses: [...new Set(['127.0.0.1', address])],
    validity: days(30, Date.now()),
    keys: await makeKeyPair('p-256'),
  })
  const tls = { cert: certificatePem(certificate), key: privateKeyPem(privateKey) }
  return { trust: certificatePem(signer.certificate), tls }
}
