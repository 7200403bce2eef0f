/** What may be decided about a StrongroomCertificate: one thing at a time. */
import type { Halt } from '#operator/access/halts.ts'
import type { Rights } from '#operator/access/rights.ts'
import type { CertificateState } from '#operator/admin/admin.ts'
import type { Child } from '#operator/kube/apply.ts'
import type { Certificate } from '#shared/pki/certificate.ts'

export type Decision =
  | Halt
  /** cert-manager was asked; it wakes us when it is further. */
  | { readonly kind: 'asked'; readonly reason: string; readonly message: string }
  /** Asks cert-manager for the Certificate as it is declared. */
  | {
      readonly kind: 'request'
      readonly desired: readonly Child[]
      readonly found: readonly Child[]
    }
  /** Takes back what was asked of cert-manager, in that order. */
  | { readonly kind: 'withdraw'; readonly found: readonly Child[] }
  | { readonly kind: 'release' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'unregister'; readonly thumbprints: readonly string[] }
  | { readonly kind: 'stage'; readonly why: string }
  | { readonly kind: 'discard' }
  | { readonly kind: 'register'; readonly certificate: Certificate; readonly rights: Rights }
  | {
      readonly kind: 'edit'
      readonly thumbprint: string
      /** As it is on the server. */
      readonly record: CertificateState
      readonly rights: Rights
      readonly fields: readonly string[]
    }
  /** Writes the Secret: from what is staged, or anew from what is in it. */
  | { readonly kind: 'publish'; readonly from: 'staged' | 'current' }
  | { readonly kind: 'unstage' }
  | { readonly kind: 'retire'; readonly thumbprint: string; readonly why: string }
  | { readonly kind: 'ready'; readonly againAtMs: number }
