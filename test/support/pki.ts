/** Certificates of the tests' own making: authorities, servers, clients, strangers. PEM texts, keys in PKCS#1 as RavenDB's clients need them. */
import {
  type Issued,
  issueClientCertificate,
  issueServerCertificate,
  type KeyPair,
  makeAuthority,
  makeKeyPair,
  type Validity,
} from '#shared/pki/issue.ts'
import { certificatePem, privateKeyPem } from '#shared/pki/pem.ts'

export interface Credentials {
  readonly cert: string
  readonly key: string
  /** Upper-case SHA-1, as RavenDB names certificates. */
  readonly thumbprint: string
  /** Base64 DER, as RavenDB's API takes certificates. */
  readonly der: string
}

export interface Authority extends Credentials {
  readonly issued: Issued
}

export interface Wish {
  readonly commonName: string
  /** Days from now; negative: it has expired. 30 where left out. */
  readonly days?: number
  /** Use this pair instead of a new one. */
  readonly keys?: KeyPair
}

const dayMs = 86_400_000

/** An authority that signs itself. Its certificate serves as one that nobody vouches for, too. */
export async function authority(commonName: string): Promise<Authority> {
  const issued = await makeAuthority({
    commonName,
    validity: validity(365),
    keys: await makeKeyPair('rsa-3072'),
  })
  return { ...credentials(issued), issued }
}

/** A server certificate for these DNS names, and for 127.0.0.1. */
export async function serverCredentials(
  by: Authority,
  wish: Wish & { readonly dnsNames: readonly string[] },
): Promise<Credentials> {
  const subject = {
    ...(await subjectOf(wish)),
    dnsNames: wish.dnsNames,
    ipAddresses: ['127.0.0.1'],
  }
  return credentials(await issueServerCertificate(by.issued, subject))
}

/** A client certificate. */
export async function clientCredentials(by: Authority, wish: Wish): Promise<Credentials> {
  return credentials(await issueClientCertificate(by.issued, await subjectOf(wish)))
}

async function subjectOf({ commonName, days = 30, keys }: Wish) {
  return { commonName, validity: validity(days), keys: keys ?? (await makeKeyPair('rsa-3072')) }
}

function validity(days: number): Validity {
  const now = Date.now()
  return { notBefore: now - 60 * dayMs, notAfter: now + days * dayMs }
}

function credentials({ certificate, privateKey }: Issued): Credentials {
  return {
    cert: certificatePem(certificate),
    key: privateKeyPem(privateKey),
    thumbprint: certificate.thumbprint,
    der: certificate.der.toString('base64'),
  }
}
