/** Certificates for tests: P-256, because RSA keys take their time. */
import {
  type Issued,
  issueClientCertificate,
  issueServerCertificate,
  type KeyPair,
  makeAuthority,
  makeKeyPair,
  type Validity,
} from '#shared/pki/issue.ts'

/** 2026-01-01. */
export const year2026 = Date.UTC(2026, 0, 1)
const day = 24 * 60 * 60 * 1000

/** From a day before to so many days after `now`. */
export function days(count: number, now = year2026): Validity {
  return { notBefore: now - day, notAfter: now + count * day }
}

/** A century, in days: real handshakes compare certificates with the date of the machine, whatever that is. */
export const daysByDefault = 36_525

export async function authority(
  commonName = 'Test CA',
  keys?: KeyPair,
  validity = days(daysByDefault),
): Promise<Issued> {
  return makeAuthority({
    commonName,
    validity,
    keys: keys ?? (await makeKeyPair('p-256')),
  })
}

export interface Wanted {
  readonly commonName?: string
  readonly validity?: Validity
  readonly keys?: KeyPair
}

export async function client(signer: Issued, wanted: Wanted = {}): Promise<Issued> {
  const { commonName = 'shop', validity = days(daysByDefault) } = wanted
  const keys = wanted.keys ?? (await makeKeyPair('p-256'))
  return issueClientCertificate(signer, { commonName, validity, keys })
}

export async function server(signer: Issued, wanted: Wanted = {}): Promise<Issued> {
  const { commonName = 'localhost', validity = days(daysByDefault) } = wanted
  const keys = wanted.keys ?? (await makeKeyPair('p-256'))
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1', '::1'] }
  return issueServerCertificate(signer, { commonName, validity, keys, ...names })
}
