/**
 * Is what came the certificate that was ordered: an ordered list of checks. ServerAuth alone is enough: clients and peers have certificates of
 * their own. Whom the chain leads to is not asked, since a CA may be private.
 */
import { type Check, firstFinding } from '#shared/checks.ts'
import { CodedError } from '#shared/errors.ts'
import { type Certificate, readCertificates, verifyIssuedBy } from '#shared/pki/certificate.ts'
import { canonicalName } from '#shared/pki/names.ts'
import { clockSkewMs } from './limits.ts'

export interface Ordered {
  /** All of them, and no others. */
  readonly names: readonly string[]
  /** Pin of the key that waits for its certificate: base64 SHA-256 of the SubjectPublicKeyInfo. */
  readonly keyPin: string
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

interface Question extends Ordered {
  readonly leaf: Certificate
  /** The leaf first. */
  readonly chain: readonly Certificate[]
}

const acceptChecks: readonly Check<Question, string>[] = [
  keyIsAnother,
  namesAreMissing,
  namesAreTooMany,
  leafIsAnAuthority,
  usageIsAnother,
  leafIsOutOfDate,
  chainIsOutOfDate,
  chainIsBroken,
]

/** Why the chain (PEM, the leaf first) is not accepted, in words; nothing where it is. */
export function refusedFor(pem: string, ordered: Ordered): string | undefined {
  const chain = readable(pem)
  if (typeof chain === 'string') return chain
  const [leaf] = chain
  if (leaf === undefined) return 'there is no certificate in the answer'
  return firstFinding(acceptChecks, { ...ordered, chain, leaf })
}

function readable(pem: string): readonly Certificate[] | string {
  try {
    return readCertificates(Buffer.from(pem))
  } catch (error) {
    if (error instanceof CodedError) return error.message
    throw error
  }
}

function keyIsAnother({ leaf, keyPin }: Question): string | undefined {
  return leaf.pin === keyPin ? undefined : 'it is for another key than the one that waits for it'
}

function namesAreMissing({ leaf, names }: Question): string | undefined {
  const covered = namesIn(leaf)
  const missing = names.filter((name) => !covered.has(canonicalName(name)))
  return missing.length === 0 ? undefined : `it does not cover ${missing.join(', ')}`
}

function namesAreTooMany({ leaf, names }: Question): string | undefined {
  const wanted = new Set(names.map(canonicalName))
  const added = [...namesIn(leaf)].filter((name) => !wanted.has(name))
  return added.length === 0 ? undefined : `it also covers ${added.join(', ')}`
}

function leafIsAnAuthority({ leaf }: Question): string | undefined {
  return leaf.isAuthority ? 'it may sign certificates, as no server should' : undefined
}

function usageIsAnother({ leaf }: Question): string | undefined {
  return leaf.allowsServerAuth ? undefined : 'it is not for servers (serverAuth is missing)'
}

function leafIsOutOfDate({ leaf, nowMs }: Question): string | undefined {
  return outOfDate(leaf, nowMs)
}

function chainIsOutOfDate({ chain, nowMs }: Question): string | undefined {
  for (const issuer of chain.slice(1)) {
    const found = outOfDate(issuer, nowMs)
    if (found !== undefined) return `"${issuer.subject}" in its chain: ${found}`
  }
  return undefined
}

function chainIsBroken({ chain }: Question): string | undefined {
  const broken = chain.find((certificate, index) => {
    const issuer = chain[index + 1]
    return issuer !== undefined && !verifyIssuedBy(certificate, issuer)
  })
  return broken && `"${broken.subject}" is not signed by the certificate that follows it`
}

/** A CA's clock may be a little ahead of ours. */
function outOfDate({ notBefore, notAfter }: Certificate, nowMs: number): string | undefined {
  if (notAfter <= nowMs) return `it ended at ${new Date(notAfter).toISOString()}`
  if (notBefore > nowMs + clockSkewMs) return `it begins at ${new Date(notBefore).toISOString()}`
  return undefined
}

function namesIn({ dnsNames, ipAddresses }: Certificate): ReadonlySet<string> {
  return new Set([...dnsNames, ...ipAddresses].map(canonicalName))
}
