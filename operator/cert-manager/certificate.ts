/** cert-manager's Certificate and CertificateRequest, of which here stand the fields that we write or read. */
import type { KubeObject } from '#operator/kube/kube.ts'

/** Issuer or ClusterIssuer of group `cert-manager.io`. */
export interface CertManagerIssuerRef {
  readonly group: string
  readonly kind: string
  readonly name: string
}

export interface CertManagerCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly observedGeneration?: number
}

export interface CertManagerCertificate extends KubeObject {
  readonly spec: {
    /** Where cert-manager puts key and certificate: a Secret between it and us, which no pod mounts. */
    readonly secretName: string
    readonly secretTemplate: {
      readonly labels: Readonly<Record<string, string>>
      readonly annotations: Readonly<Record<string, string>>
    }
    readonly commonName?: string
    readonly dnsNames?: readonly string[]
    /** How long it shall live, as Go writes it (`2160h`). */
    readonly duration?: string
    readonly usages: readonly string[]
    readonly privateKey: {
      readonly algorithm: 'RSA' | 'ECDSA'
      readonly encoding: 'PKCS1' | 'PKCS8'
      /** Bits. */
      readonly size: number
      readonly rotationPolicy: 'Always'
    }
    /** Finished requests that are kept. */
    readonly revisionHistoryLimit: number
    readonly issuerRef: CertManagerIssuerRef
  }
  readonly status?: {
    readonly conditions?: readonly CertManagerCondition[]
    /** When cert-manager will renew (RFC 3339). */
    readonly renewalTime?: string
  }
}

export interface CertManagerRequest extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly CertManagerCondition[]
  }
}

/** Annotations by which cert-manager tells whose a request is, and which one of it. */
export const requestAnnotation = {
  certificate: 'cert-manager.io/certificate-name',
  revision: 'cert-manager.io/certificate-revision',
} as const
