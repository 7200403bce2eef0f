/** What orders need of an issuer: the port to `operator/issuers`, so that everything here is decided without it. */
import type { Strongroom } from '#operator/api/strongroom.ts'
import type { AcmeCertificates, AcmeOrders } from '#shared/acme/acme-api.ts'
import type { OrderLimiter } from '#shared/acme/advance.types.ts'
import type { Solver } from '#shared/acme/solver.ts'
import type { KeyKind, KeyPair } from '#shared/pki/issue.ts'

/** A usable account at a CA. */
export interface OrderingIssuer {
  readonly kind: 'acme'
  readonly api: AcmeOrders & AcmeCertificates
  readonly solverFor: (name: string, offered: readonly string[]) => Solver | undefined
  readonly profile?: string | undefined
  readonly preferredChain?: string | undefined
  readonly keyKind: KeyKind
  readonly limiter?: OrderLimiter | undefined
  /** Changes whenever people change the issuer or a Secret of its solvers, or its account is made anew. */
  readonly occasion: string
}

/** A CA of the user's own, which signs at once. */
export interface SigningIssuer {
  readonly kind: 'ca'
  readonly keyKind: KeyKind
  /** PEM: the chain, the leaf first, and what verifies it. */
  sign(
    names: readonly string[],
    keys: KeyPair,
  ): Promise<{ readonly chain: string; readonly ca: string }>
  /** True for a certificate that this CA signed with its present key. */
  hasSigned(der: Uint8Array): boolean
}

/** Why nothing can be asked of it now, in one word and a sentence. */
export interface UnusableIssuer {
  readonly kind: 'unusable'
  readonly reason: string
  readonly message: string
}

export type FoundIssuer = OrderingIssuer | SigningIssuer | UnusableIssuer

/** The StrongroomIssuer of that name in the cluster's namespace, with the solvers that prove names of this cluster. */
export type FindIssuer = (cluster: Strongroom, name: string) => Promise<FoundIssuer>
