/** What a `ca` issuer signs with. */
import type { StrongroomIssuer } from '#operator/api/issuer.ts'
import { names } from '#operator/api/names.ts'
import type { Secret } from '#operator/kube/secret.ts'
import { type TlsMaterial, tlsMaterial } from '#operator/kube/tls-secret.ts'

export interface Unusable {
  readonly kind: 'unusable'
  /** One word for programs: why a condition is not true. */
  readonly reason:
    | 'SecretNotFound'
    | 'SecretInvalid'
    | 'KeyMismatch'
    | 'NotAnAuthority'
    | 'Expired'
    | 'NotYetValid'
    | 'IssuerNotFound'
    | 'NotACaIssuer'
  readonly message: string
}

/** An authority with its key (`certificate` and `key` are an `Issued`), or why none. */
export type Authority = Extract<TlsMaterial, { kind: 'usable' }> | Unusable

/**
 * @param issuer nothing where there is none of that name
 * @param secret the one that `signingSecret()` names, as it is now
 */
export function authorityOf(
  issuer: StrongroomIssuer | undefined,
  secret: Secret | undefined,
  nowMs: number,
): Authority {
  if (issuer === undefined) return unusable('IssuerNotFound', 'There is no such StrongroomIssuer')
  const { name } = issuer.metadata
  const secretName = signingSecret(issuer)
  if (secretName === undefined)
    return unusable('NotACaIssuer', `StrongroomIssuer "${name}" is no CA with a key of its own`)
  const material = tlsMaterial(secret, secretName)
  if (material.kind === 'unusable') return material
  const { certificate } = material
  const what = `The certificate in Secret "${secretName}"`
  if (!certificate.isAuthority) return unusable('NotAnAuthority', `${what} may sign no others`)
  if (certificate.notAfter <= nowMs) {
    const end = new Date(certificate.notAfter).toISOString()
    return unusable('Expired', `${what} has ended at ${end}`)
  }
  if (certificate.notBefore > nowMs) {
    const start = new Date(certificate.notBefore).toISOString()
    return unusable('NotYetValid', `${what} begins at ${start}`)
  }
  return material
}

/** Name of the Secret with the CA; nothing for an issuer of another type. */
export function signingSecret({ spec }: StrongroomIssuer): string | undefined {
  return spec.ca?.secretRef.name
}

/** Name of the Secret with the account key at the CA. */
export function accountSecret({ spec, metadata }: StrongroomIssuer): string {
  return spec.acme?.accountKeySecretRef?.name ?? names.issuerAccount(metadata.name)
}

function unusable(reason: Unusable['reason'], message: string): Unusable {
  return { kind: 'unusable', reason, message }
}
