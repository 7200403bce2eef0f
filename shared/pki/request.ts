/** Certificate signing requests (PKCS#10, RFC 2986), as CAs take them: the names and the key, nothing else. */
import { isIP } from 'node:net'
import { cryptoKey, type KeyPair, library, signingAlgorithmOf } from './issue.ts'

/** In DER. `names`: DNS names and IP addresses; the common name is left out, as it is of no use to CAs any more. */
export async function certificateRequest(names: readonly string[], keys: KeyPair): Promise<Buffer> {
  const x509 = await library()
  const alternatives = names.map((value) => ({
    type: isIP(value) > 0 ? ('ip' as const) : ('dns' as const),
    value,
  }))
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: '',
    keys: {
      publicKey: cryptoKey(keys.publicKey, 'verify'),
      privateKey: cryptoKey(keys.privateKey, 'sign'),
    },
    signingAlgorithm: signingAlgorithmOf(keys.privateKey),
    extensions: [new x509.SubjectAlternativeNameExtension(alternatives)],
  })
  return Buffer.from(request.rawData)
}
